/* Bars: the medians of one measure with their intervals, by project and depth, each group on its own scale from 0. */
const BARS_AT_FIRST = 60;

const isUsed = (report, name) => report.rows.some((row) => row.figures[name]);
const measureOf = (report, name) => report.measures.find((m) => m.name === name);
const sentence = (text) => text[0].toUpperCase() + text.slice(1);

/* A figure of a measure: rates and parts are no units of format.js. */
function formatMeasure(measure, number) {
    switch (measure.unit) {
    case "1/s": return `${formatCount(number < 100 ? number : Math.round(number))}/s`;
    case "bytes/s": return `${formatBytes(number)}/s`;
    case "": return measure.name === "hit-rate" ? formatPercent(number * 100) : formatCount(number);
    default: return formatUnit(measure.unit, number);
    }
}

/* The name of a row within its group. */
function shortName(row) {
    let name = row.name;
    for (const word of [row.project, row.depth])
        if (word && name.startsWith(`${word} `) && name.length > word.length + 1) name = name.slice(word.length + 1);
    return name || "(no name)";
}

function groupsOf(rows) {
    const groups = [];
    for (const row of rows) {
        const last = groups[groups.length - 1];
        if (last && last[0].project === row.project && last[0].depth === row.depth) last.push(row);
        else groups.push([row]);
    }
    return groups;
}

function groupTitle(row) {
    const amounts = [[row.files, "files"], [row.lines, "lines"]].filter(([n]) => n > 0).map(([n, what]) => `${n.toLocaleString("en")} ${what}`);
    if (row.files > 0 && row.bytes > 0) amounts.push(formatBytes(row.bytes));
    const title = [row.project, row.depth].filter(Boolean).join(", ") || "Functions";
    return element("h3", {}, title, ...(amounts.length > 0 ? [" ", element("small", {}, amounts.join(", "))] : []));
}

class Bars {
    constructor(report, choose) {
        this.report = report;
        this.choose = choose;
        this.box = document.getElementById("bars");
        this.measure = document.getElementById("results-measure");
        this.filter = document.getElementById("results-filter");
        this.more = document.getElementById("bars-more");
        this.limit = BARS_AT_FIRST;
        this.buttons = new Map();
    }

    start() {
        document.getElementById("results").hidden = false;
        for (const measure of this.report.measures)
            if (isUsed(this.report, measure.name)) this.measure.append(element("option", { value: measure.name }, sentence(measure.summary)));
        document.getElementById("results-filter-label").hidden = this.report.rows.length <= 12;
        this.measure.addEventListener("change", () => this.draw());
        this.filter.addEventListener("input", () => this.draw());
        this.more.addEventListener("click", () => { this.limit = Infinity; this.draw(); });
        this.draw();
    }

    draw() {
        const text = this.filter.value.trim().toLowerCase();
        const rows = this.report.rows.filter((row) => row.name.toLowerCase().includes(text));
        const shown = rows.slice(0, this.limit);
        this.buttons.clear();
        this.box.replaceChildren(...groupsOf(shown).flatMap((group) => this.group(group)));
        this.more.hidden = shown.length === rows.length;
        this.more.textContent = `Show all ${rows.length}`;
        document.getElementById("results-count").textContent = text === "" ? "" : `${rows.length} of ${this.report.rows.length}`;
        this.mark(this.marked);
    }

    group(rows) {
        const measure = measureOf(this.report, this.measure.value || "wall");
        const most = rows.reduce((all, row) => Math.max(all, row.figures[measure.name] ? row.figures[measure.name].high : 0), 0);
        return [groupTitle(rows[0]), ...rows.map((row) => this.row(row, measure, most))];
    }

    row(row, measure, most) {
        const figure = row.figures[measure.name];
        if (row.runs === 0)
            return element("p", { class: "failed" }, `${shortName(row)}: `, element("b", {}, "not measured"), ` – ${row.message || row.status}`);
        if (!figure) return element("p", { class: "failed" }, `${shortName(row)}: not known`);
        const part = (n) => `${(most > 0 ? Math.min(Math.max(n / most, 0), 1) * 100 : 0).toFixed(3)}%`;
        const fill = element("span", { class: "fill" }), reach = element("span", { class: "reach" });
        fill.style.width = part(figure.median);
        reach.style.left = part(figure.low);
        reach.style.width = part(figure.high - figure.low);
        const interval = `${formatMeasure(measure, figure.low)} to ${formatMeasure(measure, figure.high)}`;
        const speed = measure.name === "wall" && row.speedup > 0 ? `${row.speedup.toFixed(row.speedup < 99.95 ? 2 : 0)}\u00d7` : "";
        const against = speed ? `, ${speed} against ${this.report.rows[row.reference].name}` : "";
        const name = row.parameters ? `${shortName(row)} (${row.parameters})` : shortName(row);
        const button = element("button", { type: "button", class: "bar", "aria-pressed": "false",
            title: `${row.name}: ${formatMeasure(measure, figure.median)}, interval ${interval}, ${figure.count} runs${against}` },
        element("span", { class: "name" }, name), element("span", { class: "track", "aria-hidden": "true" }, fill, reach),
        element("span", { class: "value" }, formatMeasure(measure, figure.median), " ",
            element("small", {}, `\u00b1${this.spread(figure)}`), speed ? ` ${speed}` : ""));
        button.addEventListener("click", () => this.choose(row));
        this.buttons.set(row, button);
        return button;
    }

    /* As the tables have it: how far the farther end of the interval is from the median. */
    spread(figure) {
        return figure.median > 0 ? `${(Math.max(figure.high - figure.median, figure.median - figure.low) / figure.median * 100).toFixed(1)}\u202f%` : "0";
    }

    mark(row) {
        if (this.marked && this.buttons.has(this.marked)) this.buttons.get(this.marked).setAttribute("aria-pressed", "false");
        this.marked = row;
        if (row && this.buttons.has(row)) this.buttons.get(row).setAttribute("aria-pressed", "true");
    }
}
