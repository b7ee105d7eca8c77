/*
 * Throughput and memory over thread counts: what was measured, with its interval, and the curves of the models between the least and the most that was
 * measured: nothing is said about cores that nobody has tried.
 */
const SCALING_HEIGHT = 240;

/* Files a second by Amdahl's law and by the universal scalability law; the first is anchored at its own fit of the first point. */
function modelsOf(scaling) {
    const models = [];
    const first = scaling.points[0];
    if ((scaling.fitted === "amdahl" || scaling.fitted === "both") && first.amdahl > 0) {
        const part = (n) => scaling.amdahl_serial + (1 - scaling.amdahl_serial) / n;
        models.push(["amdahl", "Amdahl's law", (n) => first.amdahl * part(first.threads) / part(n)]);
    }
    if ((scaling.fitted === "usl" || scaling.fitted === "both") && scaling.usl_rate > 0)
        models.push(["usl", "Universal scalability law",
            (n) => scaling.usl_rate * n / (1 + scaling.usl_contention * (n - 1) + scaling.usl_coherency * n * (n - 1))]);
    return models;
}

class ScalingPlot {
    /* values: {value, low, high} of each point; `models` as above; `mark` the thread count to put a ring around. */
    constructor(points, values, options) {
        this.points = points;
        this.values = values;
        this.options = options;
        this.box = element("div", { class: "plot-box" });
        this.figure = element("figure", {}, element("figcaption", {}, options.title), this.box);
        new ResizeObserver(() => this.draw()).observe(this.box);
    }

    draw() {
        const { format, unit, models, mark, title } = this.options;
        const width = this.box.clientWidth || 300, bottom = SCALING_HEIGHT - 18;
        const threads = this.points.map((p) => p.threads);
        const first = threads[0], last = threads[threads.length - 1];
        const curve = (f) => Array.from({ length: 61 }, (_, i) => first + (last - first) * i / 60).map((n) => [n, f(n)]);
        const curves = models.map(([name, , f]) => [name, first < last ? curve(f) : []]);
        const most = Math.max(...this.values.map((v) => v.high), ...curves.flatMap(([, c]) => c.map(([, y]) => y)), 0);
        const step = axisStep(most || 1, 4, unit), top = Math.max(most * 1.06, step);
        const xOf = (n) => 52 + (first < last ? (n - first) / (last - first) : 0.5) * (width - 68);
        const yOf = (v) => bottom - v / top * (bottom - 6);
        const parts = [drawing("rect", { class: "plot", x: 0, y: 0, width, height: bottom })];
        for (let v = step; v <= top; v += step)
            parts.push(drawing("line", { class: "grid", x1: 0, x2: width, y1: yOf(v), y2: yOf(v) }),
                drawing("text", { class: "halo", x: 4, y: yOf(v) + 11 }, format(v)));
        for (const [name, c] of curves)
            if (c.length > 0) parts.push(drawing("path", { class: name, d: `M${c.map(([n, y]) => `${xOf(n).toFixed(1)},${yOf(y).toFixed(1)}`).join("L")}` }));
        let free = -Infinity;
        this.points.forEach((p, i) => {
            const { value, low, high } = this.values[i], x = xOf(p.threads);
            parts.push(drawing("path", { class: "whisker", d: `M${x},${yOf(low)}V${yOf(high)}M${x - 4},${yOf(low)}h8M${x - 4},${yOf(high)}h8` }),
                drawing("circle", { class: "dot", cx: x, cy: yOf(value), r: 3.6 },
                    drawing("title", {}, `${p.threads} threads: ${format(value)}` + (low < high ? ` (${format(low)} to ${format(high)})` : ""))));
            if (p.threads === mark) parts.push(drawing("circle", { class: "chosen", cx: x, cy: yOf(value), r: 8 }));
            if (x - free < 22) return;
            free = x;
            parts.push(drawing("text", { x, y: SCALING_HEIGHT - 4, "text-anchor": "middle" }, String(p.threads)));
        });
        this.box.replaceChildren(drawing("svg", { height: SCALING_HEIGHT, viewBox: `0 0 ${width} ${SCALING_HEIGHT}`, role: "img",
            "aria-label": `${title}, over ${this.points.map((p, i) => `${p.threads} threads: ${format(this.values[i].value)}`).join("; ")}` }, ...parts));
    }
}

function startScaling(report) {
    const boxes = document.querySelectorAll("#scaling .plots");
    report.scalings.forEach((scaling, i) => {
        if (scaling.points.length === 0 || !boxes[i]) return;
        const models = modelsOf(scaling);
        const rate = new ScalingPlot(scaling.points, scaling.points.map((p) => ({ value: p.rate, low: p.rate_low, high: p.rate_high })),
            { title: "Files a second over threads", unit: "rate", models, mark: scaling.recommended, format: (v) => formatCount(Math.round(v)) });
        const legend = element("p", { class: "legend" }, element("span", { class: "l-dot" }, "measured median and interval"),
            ...models.map(([name, text]) => element("span", { class: `l-${name}` }, text)));
        if (scaling.recommended > 0) legend.append(element("span", {}, "ring: recommended"));
        rate.figure.append(legend);
        boxes[i].append(rate.figure);
        if (scaling.points.every((p) => p.memory > 0))
            boxes[i].append(new ScalingPlot(scaling.points, scaling.points.map((p) => ({ value: p.memory, low: p.memory, high: p.memory })),
                { title: "Peak memory over threads", unit: "bytes", models: [], mark: 0, format: formatBytes }).figure);
    });
}
