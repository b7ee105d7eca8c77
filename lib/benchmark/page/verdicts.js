/* Beside each verdict, which stands in the page as a sentence, its change and interval on a common scale around 0. */
const VERDICT_HEIGHT = 30;

function drawVerdict(svg, comparison, most) {
    const width = svg.clientWidth || 200;
    const part = (n) => Math.min(Math.max(n, -most), most);
    const xOf = (n) => 6 + (part(n) + most) / (2 * most) * (width - 12);
    const colour = `var(--${["better", "worse", "same"].includes(comparison.verdict) ? comparison.verdict : "inconclusive"})`;
    const least = comparison.least_effect, y = 11;
    const percent = (n) => `${n > 0 ? "+" : ""}${(n * 100).toFixed(Math.abs(n) < 0.0995 ? 1 : 0)}\u202f%`;
    const text = drawing("text", { x: Math.min(Math.max(xOf(comparison.change), 26), width - 26), y: VERDICT_HEIGHT - 2, "text-anchor": "middle" }, percent(comparison.change));
    const line = drawing("path", { class: "whisker", d: `M${xOf(comparison.low)},${y}H${xOf(comparison.high)}M${xOf(comparison.low)},${y - 5}v10M${xOf(comparison.high)},${y - 5}v10` });
    const dot = drawing("circle", { cx: xOf(comparison.change), cy: y, r: 4 });
    line.style.stroke = colour;
    dot.style.fill = colour;
    svg.setAttribute("viewBox", `0 0 ${width} ${VERDICT_HEIGHT}`);
    svg.replaceChildren(drawing("rect", { class: "band", x: xOf(-least), width: Math.max(xOf(least) - xOf(-least), 1), y: 0, height: VERDICT_HEIGHT - 10 }),
        drawing("line", { class: "zero", x1: xOf(0), x2: xOf(0), y1: 0, y2: VERDICT_HEIGHT - 10 }), line, dot, text);
}

function startVerdicts(report) {
    const items = document.querySelectorAll("#verdicts > li");
    if (items.length === 0) return;
    const usable = (c) => [c.change, c.low, c.high, c.least_effect].every(isKnown);
    const ends = report.comparisons.filter(usable).flatMap((c) => [Math.abs(c.low), Math.abs(c.high), c.least_effect * 1.5]);
    const most = Math.min(Math.max(...ends, 0.01), 2) * 1.05;
    const plots = [];
    report.comparisons.forEach((comparison, i) => {
        if (!items[i] || !usable(comparison)) return;
        const svg = drawing("svg", { height: VERDICT_HEIGHT, "aria-hidden": "true" }); /* the sentence beside it says the same */
        items[i].append(svg);
        plots.push([svg, comparison]);
    });
    document.getElementById("verdicts-hint").hidden = plots.length === 0;
    new ResizeObserver(() => plots.forEach(([svg, comparison]) => drawVerdict(svg, comparison, most))).observe(document.getElementById("verdicts"));
}
