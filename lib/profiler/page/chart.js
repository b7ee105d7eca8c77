/*
 * One chart of the timeline: a step for each row, or, where there are more rows than pixels, for each pixel the mean and the band between the least and the
 * most. Knows nothing of the other charts; timeline.js moves the cursors of all of them.
 */
const CHART_STEP = 2.5; /* pixels that rows are gathered to */

class Chart {
    /*
     * series: {label, unit, colour, value[], least[], most[], second[]} with an entry for each row of `course`, null where there is none;
     * `limit` is drawn as a line if it is not far from the values.
     */
    constructor(series, course, options) {
        this.series = series;
        this.course = course;
        this.height = options.height;
        this.ticks = options.ticks;
        this.readout = element("b");
        this.svg = drawing("svg", { height: this.height, role: "img", "aria-label": series.label });
        this.svg.style.setProperty("--series", `var(--${series.colour})`);
        this.figure = element("figure", { class: options.wide ? "chart wide" : "chart" },
            element("figcaption", { title: series.label }, element("span", {}, series.label), this.readout), this.svg);
    }

    /* Rows from `first` to `end`, gathered so that no two stand on the same pixel. */
    steps(first, end, width, xOf) {
        const { value, least, most, second } = this.series;
        const { starts, ends } = this.course;
        const steps = [];
        let step = null;
        for (let row = first; row < end; row++) {
            const x0 = xOf(starts[row]);
            const x1 = xOf(ends[row]);
            if (!isKnown(value[row])) { step = null; continue; }
            const low = least && isKnown(least[row]) ? least[row] : value[row];
            const high = most && isKnown(most[row]) ? most[row] : value[row];
            const time = ends[row] - starts[row];
            if (step && x1 - step.x0 < CHART_STEP && starts[row] === step.end) {
                step.low = Math.min(step.low, low);
                step.high = Math.max(step.high, high);
                step.sum += value[row] * time;
                step.time += time;
                step.x1 = x1;
            } else {
                step = { x0, x1, low, high, sum: value[row] * time, time, joined: step !== null };
                if (second && isKnown(second[row])) step.second = second[row];
                steps.push(step);
            }
            step.end = ends[row];
        }
        return steps;
    }

    /* `range` is what is shown, [from, to] in ns; `width` pixels. */
    draw(range, width, sections) {
        const { unit, limit } = this.series;
        const bottom = this.height - 16;
        const xOf = (ns) => (ns - range[0]) / (range[1] - range[0]) * width;
        const steps = this.steps(this.course.rowAt(range[0]), this.course.rowAt(range[1]) + 1, width, xOf);
        let top = steps.reduce((most, s) => Math.max(most, s.high, s.second || 0), 0);
        const showsLimit = isKnown(limit) && limit <= top * 1.6;
        if (showsLimit) top = Math.max(top, limit);
        const least = unit === "bytes" || unit === "count" ? 1 : 0; /* there are no halves of these */
        const step = Math.max(axisStep(top || 1, this.ticks, unit), least);
        top = Math.max(top * 1.06, step);
        const yOf = (v) => bottom - v / top * (bottom - 6);
        const parts = [drawing("rect", { class: "plot", x: 0, y: 0, width, height: bottom })];
        parts.push(...sections.map((s) => drawing("rect", { class: "section", x: xOf(s.start), y: 0,
            width: Math.max(xOf(s.end) - xOf(s.start), 0.5), height: bottom })));
        for (let v = step; v <= top; v += step)
            parts.push(drawing("line", { class: "grid", x1: 0, x2: width, y1: yOf(v), y2: yOf(v) }));
        parts.push(...this.curves(steps, yOf));
        if (showsLimit)
            parts.push(drawing("line", { class: "limit", x1: 0, x2: width, y1: yOf(limit), y2: yOf(limit) }));
        parts.push(drawing("line", { class: "zero", x1: 0, x2: width, y1: bottom, y2: bottom }));
        for (let v = step; v <= top; v += step)
            parts.push(drawing("text", { class: "halo", x: 4, y: yOf(v) + 11 }, formatUnit(unit, v)));
        parts.push(...timeLabels(range, width, this.height - 4));
        this.cursor = drawing("line", { class: "cursor", y1: 0, y2: bottom, visibility: "hidden" });
        this.select = drawing("rect", { class: "select", y: 0, height: bottom, visibility: "hidden" });
        this.svg.setAttribute("viewBox", `0 0 ${width} ${this.height}`);
        this.svg.replaceChildren(...parts, this.select, this.cursor);
        this.xOf = xOf;
    }

    curves(steps, yOf) {
        const n = (number) => number.toFixed(1);
        const runs = [];
        for (const s of steps) {
            if (!s.joined || runs.length === 0) runs.push([]);
            runs[runs.length - 1].push(s);
        }
        let line = "", band = "", area = "", second = "";
        for (const run of runs) {
            const first = run[0], last = run[run.length - 1];
            const mean = run.map((s) => n(yOf(s.sum / s.time)));
            const along = run.map((s, i) => `${i ? "V" : ""}${mean[i]}H${n(s.x1)}`).join("");
            line += `M${n(first.x0)},${along}`;
            area += `M${n(first.x0)},${n(yOf(0))}V${along}V${n(yOf(0))}Z`;
            band += `M${n(first.x0)},${run.map((s, i) => `${i ? "V" : ""}${n(yOf(s.high))}H${n(s.x1)}`).join("")}` +
                run.slice().reverse().map((s) => `V${n(yOf(s.low))}H${n(s.x0)}`).join("") + "Z";
            for (const s of run)
                if (s.second !== undefined) second += `M${n(s.x0)},${n(yOf(s.second))}H${n(s.x1)}`;
        }
        return [["area", area], ["band", band], ["second", second], ["value", line]].filter(([, d]) => d)
            .map(([name, d]) => drawing("path", { class: name, d }));
    }

    /* Say what is there at a row; put the cursor at `ns`. */
    point(row, ns) {
        const { value, least, most, unit } = this.series;
        this.cursor.setAttribute("visibility", "visible");
        this.cursor.setAttribute("x1", this.xOf(ns));
        this.cursor.setAttribute("x2", this.xOf(ns));
        const [low, high] = least && isKnown(least[row]) ? [formatUnit(unit, least[row]), formatUnit(unit, most[row])] : ["", ""];
        this.readout.textContent = !isKnown(value[row]) ? "no data" : formatUnit(unit, value[row]) + (low !== high ? ` (${low} to ${high})` : "");
    }

    leave() {
        this.cursor.setAttribute("visibility", "hidden");
        this.readout.textContent = this.series.rest || "";
    }

    showSelection(from, to) {
        this.select.setAttribute("visibility", from === null ? "hidden" : "visible");
        if (from === null) return;
        this.select.setAttribute("x", this.xOf(Math.min(from, to)));
        this.select.setAttribute("width", Math.abs(this.xOf(to) - this.xOf(from)));
    }
}

function timeLabels(range, width, y) {
    const step = axisStep(range[1] - range[0], Math.max(Math.floor(width / 90), 1), "time");
    const labels = [];
    for (let ns = Math.ceil(range[0] / step) * step; ns <= range[1]; ns += step) {
        const x = (ns - range[0]) / (range[1] - range[0]) * width;
        const anchor = x < 20 ? "start" : x > width - 25 ? "end" : "middle";
        labels.push(drawing("text", { x: Math.min(Math.max(x, 0), width), y, "text-anchor": anchor }, formatMoment(ns, step)));
    }
    return labels;
}
