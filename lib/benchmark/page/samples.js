/*
 * The samples of one row in the order in which they were taken, with the interval of their median; outliers are marked by shape and colour. Of many samples only the
 * least and the most of each stretch are there.
 */
const SAMPLES_HEIGHT = 230;

class Samples {
    constructor(report, changed) {
        this.report = report;
        this.changed = changed;
        this.rows = report.rows.filter((row) => row.shown);
        this.box = document.getElementById("samples-plot");
        this.select = document.getElementById("samples-row");
        this.at = document.getElementById("samples-at");
    }

    start() {
        document.getElementById("samples").hidden = false;
        this.box.className = "plot-box";
        this.select.append(...this.rows.map((row, i) => element("option", { value: String(i) }, row.name || "(no name)")));
        this.select.addEventListener("change", () => this.changed(this.rows[this.select.value]));
        document.getElementById("samples-legend").append(...[["dot", "sample"], ["mild", "mild outlier"], ["severe", "severe outlier"],
            ["median", "median"], ["band", "its interval"]].map(([name, text]) => element("span", { class: `l-${name}` }, text)));
        new ResizeObserver(() => this.draw()).observe(this.box);
    }

    show(row) {
        if (!row.shown) return;
        this.row = row;
        this.select.value = String(this.rows.indexOf(row));
        this.draw();
        this.table();
        const many = row.shown.at ? ` Of ${row.runs.toLocaleString("en")} samples the least and the most of each stretch are shown.` : "";
        const notes = row.flags.map((f) => ({ "not-steady": "times still moved when warming up ended", cut: "time ran out before the interval was as narrow as asked for",
            again: "measured a second time", "page-cache-kept": "files could not be dropped from the page cache" })[f]).filter(Boolean);
        const kept = row.warmups > 0 ? ` ${row.warmups === 1 ? "One run to warm up before them is" : `${row.warmups} runs to warm up before them are`} not kept.` : "";
        const calls = row.iterations > 1 ? ` Each is the mean of ${row.iterations.toLocaleString("en")} calls.` : "";
        document.getElementById("samples-hint").textContent =
            `Wall-clock time of each run; the axis does not begin at 0.${calls}${kept}${many}${notes.length > 0 ? ` Note: ${notes.join("; ")}.` : ""}`;
    }

    classOf(value) {
        const fences = this.row.shown.fences;
        if (!fences) return "dot";
        if (value < fences[0] || value > fences[3]) return "severe";
        return value < fences[1] || value > fences[2] ? "mild" : "dot";
    }

    draw() {
        if (!this.row) return;
        const { wall, at } = this.row.shown, figure = this.row.figures.wall;
        const width = this.box.clientWidth || 300, bottom = SAMPLES_HEIGHT - 16, left = 6, right = width - 6;
        const least = Math.min(figure.low, ...wall), most = Math.max(figure.high, ...wall);
        const room = (most - least || most || 1) * 0.08;
        const floor = Math.max(least - room, 0), top = most + room;
        const xOf = (i) => left + (this.row.runs > 1 ? i / (this.row.runs - 1) : 0.5) * (right - left);
        const yOf = (v) => bottom - (v - floor) / (top - floor) * (bottom - 6);
        const step = axisStep(top - floor, 4, "ns");
        const parts = [drawing("rect", { class: "plot", x: 0, y: 0, width, height: bottom }),
            drawing("rect", { class: "band", x: 0, width, y: yOf(figure.high), height: Math.max(yOf(figure.low) - yOf(figure.high), 1) })];
        const labels = [];
        for (let v = Math.ceil(floor / step) * step; v <= top; v += step) {
            parts.push(drawing("line", { class: "grid", x1: 0, x2: width, y1: yOf(v), y2: yOf(v) }));
            if (yOf(v) + 12 < bottom) labels.push(drawing("text", { class: "halo", x: 4, y: yOf(v) + 11 }, formatTick(v, step)));
        }
        parts.push(drawing("line", { class: "median", x1: 0, x2: width, y1: yOf(figure.median), y2: yOf(figure.median) }));
        this.points = wall.map((value, i) => ({ value, run: at ? at[i] : i, x: xOf(at ? at[i] : i), y: yOf(value) }));
        parts.push(...this.points.map((p) => sampleMark(this.classOf(p.value), p.x, p.y)));
        for (const [i, anchor, x] of [[1, "start", 0], [this.row.runs, "end", width]])
            if (i === 1 || this.row.runs > 1) labels.push(drawing("text", { x, y: SAMPLES_HEIGHT - 4, "text-anchor": anchor }, i === 1 ? "run 1" : String(i)));
        this.cursor = drawing("circle", { class: "cursor", r: 6, visibility: "hidden" });
        const svg = drawing("svg", { height: SAMPLES_HEIGHT, viewBox: `0 0 ${width} ${SAMPLES_HEIGHT}`, role: "img",
            "aria-label": `${this.row.name}: ${this.row.runs} samples, median ${formatNs(figure.median)}` }, ...parts, ...labels, this.cursor);
        svg.addEventListener("pointermove", (event) => this.point(event, svg, width));
        svg.addEventListener("pointerdown", (event) => this.point(event, svg, width));
        svg.addEventListener("pointerleave", () => this.leave());
        this.box.replaceChildren(svg);
        this.leave();
    }

    point(event, svg, width) {
        const box = svg.getBoundingClientRect();
        const x = (event.clientX - box.left) / box.width * width, y = (event.clientY - box.top) / box.height * SAMPLES_HEIGHT;
        const far = (p) => Math.abs(p.x - x) + Math.abs(p.y - y) / 4;
        const near = this.points.reduce((best, p) => (far(p) < far(best) ? p : best), this.points[0]);
        this.cursor.setAttribute("cx", near.x);
        this.cursor.setAttribute("cy", near.y);
        this.cursor.setAttribute("visibility", "visible");
        this.at.textContent = `run ${near.run + 1}: ${formatNs(near.value)}`;
    }

    leave() {
        this.cursor.setAttribute("visibility", "hidden");
        this.at.textContent = `${this.row.runs} runs, median ${formatNs(this.row.figures.wall.median)}`;
    }

    /* All figures of the row. */
    table() {
        const level = Math.round(this.report.confidence * 100);
        const titles = ["Measure", "Median", `${level}\u202f% interval`, "MAD", "Mean", "Deviation", "Min", "Max", "Outliers"];
        const rows = this.report.measures.filter((m) => this.row.figures[m.name]).map((m) => {
            const f = this.row.figures[m.name], show = (n) => formatMeasure(m, n);
            const outliers = [[f.low_severe + f.high_severe, "severe"], [f.low_mild + f.high_mild, "mild"]].filter(([n]) => n > 0).map(([n, what]) => `${n} ${what}`);
            const interval = f.level > 0 ? `${show(f.low)} to ${show(f.high)}` : "too few runs";
            const cells = [show(f.median), interval, show(f.mad), show(f.mean), show(f.deviation), show(f.minimum), show(f.maximum), outliers.join(", ") || "none"];
            return element("tr", {}, element("td", {}, sentence(m.summary)), ...cells.map((text) => element("td", {}, text)));
        });
        document.getElementById("figures").replaceChildren(
            element("thead", {}, element("tr", {}, ...titles.map((t) => element("th", { scope: "col", class: "plain" }, t)))), element("tbody", {}, ...rows));
    }
}

function sampleMark(kind, x, y) {
    if (kind === "dot") return drawing("circle", { class: "dot", cx: x.toFixed(1), cy: y.toFixed(1), r: 2.4 });
    if (kind === "mild") return drawing("circle", { class: "mild", cx: x.toFixed(1), cy: y.toFixed(1), r: 3.6 });
    const [a, b, c, d] = [x - 3.6, x + 3.6, y - 3.6, y + 3.6].map((n) => n.toFixed(1));
    return drawing("path", { class: "severe", d: `M${a},${c}L${b},${d}M${a},${d}L${b},${c}` });
}

/* A time on an axis, with as many digits as tell it from its neighbours. */
function formatTick(ns, step) {
    const [size, name] = [[1e9, "s"], [1e6, "ms"], [1e3, "\u00b5s"], [1, "ns"]].find(([s]) => ns >= s) || [1, "ns"];
    const digits = Math.min(Math.max(Math.ceil(-Math.log10(step / size) - 1e-9), 0), 6);
    return `${(ns / size).toFixed(digits)}\u202f${name}`;
}
