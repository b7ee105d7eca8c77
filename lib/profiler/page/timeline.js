/* The timeline: which charts there are, what part of the run they show, and the cursor that moves through all of them. */

const SHADED_MOST = 100;

/* When rows begin and end, and which one a moment is in. */
class Course {
    constructor(data) {
        this.ends = data.ends_ns;
        this.starts = this.ends.map((_, row) => (row > 0 ? this.ends[row - 1] : 0));
        for (const [row, start] of data.jumps) this.starts[row] = start;
        this.isShort = data.stretches.flatMap((s) => Array(s.rows).fill(s.interval_ns / 5))
            .map((least, row) => row > 0 && this.ends[row] - this.starts[row] < least);
    }

    get count() { return this.ends.length; }

    rowAt(ns) {
        let low = 0, high = this.count - 1;
        while (low < high) {
            const middle = (low + high) >> 1;
            if (this.ends[middle] < ns) low = middle + 1;
            else high = middle;
        }
        return low;
    }
}

/* Gauges that are not read with each sample hold until they are read again. */
function held(values) {
    let last = null;
    return values.map((value) => (isKnown(value) ? (last = value) : last));
}

/* What a metric is drawn as: gauges as they are, counters for each second; time in a second is percent. */
function seriesOf(metric, columns, course) {
    const series = { name: metric.name, label: metric.summary[0].toUpperCase() + metric.summary.slice(1), unit: metric.unit, colour: "other" };
    if (metric.kind === "gauge")
        return Object.assign(series, { value: held(columns.value), least: columns.minimum, most: columns.maximum });
    const scale = metric.unit === "ns" ? 100 : 1e9;
    series.unit = metric.unit === "ns" ? "percent" : metric.unit;
    series.label += metric.unit === "ns" ? ", % of the time" : ", per second";
    series.value = columns.value.map((value, row) => { /* a short row says little by itself: a fault in a microsecond is no million a second */
        const before = course.isShort[row] && isKnown(columns.value[row - 1]) ? row - 1 : row;
        const sum = before < row ? value + columns.value[before] : value;
        const time = course.ends[row] - course.starts[before];
        return isKnown(value) && time > 0 ? sum / time * scale : null;
    });
    return series;
}

/* A number that stayed as it was from the beginning to the end needs no chart. */
function isUnchanged(metric) {
    return metric.status === "WTFCB_OK" && metric.kind === "gauge" && metric.unit === "count" && metric.minimum === metric.maximum && metric.maximum > 0;
}

class Timeline {
    constructor(profile) {
        this.whole = [0, Math.max(profile.duration_ns, ...profile.course.ends_ns.slice(-1), 1)];
        this.range = this.whole;
        this.course = new Course(profile.course);
        this.sections = profile.sections.map((s) => ({
            name: s.name, start: s.start_ns, end: isKnown(s.duration_ns) ? s.start_ns + s.duration_ns : this.whole[1] }));
        this.at = document.getElementById("timeline-at");
        this.reset = document.getElementById("timeline-reset");
        this.box = document.getElementById("charts");
        this.charts = this.makeCharts(profile);
    }

    makeCharts(profile) {
        const all = new Map();
        for (const metric of profile.metrics)
            if (profile.course.values[metric.name] && !isUnchanged(metric))
                all.set(metric.name, seriesOf(metric, profile.course.values[metric.name], this.course));
        const memory = all.get("rss"), share = all.get("pss"), cpu = all.get("cpu"), live = all.get("live");
        if (memory) {
            Object.assign(memory, { colour: "memory", label: "Resident memory" });
            memory.rest = `peak ${formatBytes(profile.rss_peak_bytes)}`;
            if (share) {
                memory.second = share.value;
                memory.label += " (dashed: proportional share)";
                all.delete("pss");
            }
        }
        if (cpu) {
            Object.assign(cpu, { colour: "cpu", label: "Processor, % of one core" });
            if (isKnown(profile.cores_usable)) {
                cpu.limit = profile.cores_usable * 100;
                cpu.rest = `${profile.cores_usable} usable = ${cpu.limit}\u202f%`;
            }
        }
        if (live) {
            Object.assign(live, { colour: "live", rest: `peak ${formatBytes(profile.alloc_live_peak)}` });
            all.delete("live");
        }
        const first = [memory, live, cpu].filter(Boolean);
        return [...first, ...[...all.values()].filter((series) => !first.includes(series))].map((series) => {
            const wide = first.includes(series);
            return new Chart(series, this.course, { wide, height: series === first[0] ? 190 : wide ? 150 : 96, ticks: wide ? 4 : 2 });
        });
    }

    start() {
        document.getElementById("timeline").hidden = false;
        this.box.tabIndex = 0;
        this.box.setAttribute("role", "group");
        this.box.setAttribute("aria-label", "Charts: arrows move the cursor, plus and minus zoom, Escape shows the whole run");
        if (this.sections.length > 0) {
            this.strip = drawing("svg", { role: "img", "aria-label": "Sections" });
            this.box.append(element("figure", { class: "chart wide" }, element("figcaption", {}, element("span", {}, "Sections")), this.strip));
        }
        for (const chart of this.charts) {
            this.box.append(chart.figure);
            this.listen(chart);
        }
        this.reset.addEventListener("click", () => this.show(this.whole));
        this.box.addEventListener("keydown", (event) => this.key(event));
        this.box.addEventListener("blur", () => this.point(null));
        new ResizeObserver(() => this.draw()).observe(this.box);
        this.draw();
    }

    /* A mouse that drags selects; a finger that moves points. */
    listen(chart) {
        const svg = chart.svg;
        const nsOf = (event) => {
            const box = svg.getBoundingClientRect();
            const part = Math.min(Math.max((event.clientX - box.left) / box.width, 0), 1);
            return this.range[0] + part * (this.range[1] - this.range[0]);
        };
        let from = null;
        svg.addEventListener("pointerdown", (event) => {
            this.point(nsOf(event));
            if (event.pointerType !== "mouse" || event.button !== 0) return;
            from = nsOf(event);
            svg.setPointerCapture(event.pointerId);
        });
        svg.addEventListener("pointermove", (event) => {
            this.point(nsOf(event));
            if (from !== null) this.charts.forEach((c) => c.showSelection(from, nsOf(event)));
        });
        svg.addEventListener("pointerup", (event) => {
            if (from === null) return;
            const [a, b] = [from, nsOf(event)].sort((x, y) => x - y);
            from = null;
            this.charts.forEach((c) => c.showSelection(null));
            if ((b - a) / (this.range[1] - this.range[0]) > 0.005) this.show([a, b]);
        });
        svg.addEventListener("pointercancel", () => { from = null; this.charts.forEach((c) => c.showSelection(null)); });
        svg.addEventListener("pointerleave", (event) => { if (event.pointerType === "mouse" && from === null) this.point(null); });
        svg.addEventListener("dblclick", () => this.show(this.whole));
    }

    key(event) {
        const length = this.range[1] - this.range[0];
        const now = isKnown(this.now) ? this.now : this.range[0];
        const move = { ArrowLeft: -length / 100, ArrowRight: length / 100, Home: -length, End: length }[event.key];
        const zoom = { "+": 0.5, "=": 0.5, "-": 2 }[event.key];
        if (move) this.point(Math.min(Math.max(now + move, this.range[0]), this.range[1]));
        else if (zoom) this.show([now - (now - this.range[0]) * zoom, now + (this.range[1] - now) * zoom]);
        else if (event.key === "Escape") this.show(this.whole);
        else return;
        event.preventDefault();
    }

    show(range) {
        const [from, to] = [Math.max(range[0], 0), Math.min(range[1], this.whole[1])];
        if (to - from < 1000) return;
        this.range = [from, to];
        this.reset.hidden = from === 0 && to === this.whole[1];
        this.draw();
    }

    draw() {
        const seen = this.sections.filter((s) => s.start <= this.range[1] && s.end >= this.range[0]);
        const shaded = seen.length <= SHADED_MOST ? seen : []; /* more would be a grey, and slow */
        for (const chart of this.charts) {
            chart.draw(this.range, chart.svg.clientWidth || 300, shaded);
            chart.leave();
        }
        if (this.strip) this.drawStrip(seen);
        if (isKnown(this.now)) this.point(this.now);
    }

    /* Sections by name, on as many lines as overlap; what is too narrow for its name is a mark. */
    drawStrip(sections) {
        const width = this.strip.clientWidth || 300, row = 18;
        const xOf = (ns) => Math.min(Math.max((ns - this.range[0]) / (this.range[1] - this.range[0]), 0), 1) * width;
        const free = [], drawn = [];
        const parts = [];
        for (const s of sections) {
            let lane = free.findIndex((end) => end <= s.start);
            if (lane < 0) lane = free.length < 8 ? free.length : 7;
            free[lane] = Math.max(free[lane] || 0, s.end);
            const x = xOf(s.start), space = Math.max(xOf(s.end) - x, 1);
            if (x + space < (drawn[lane] || 0) + 1) continue; /* on the same pixel as the one before */
            drawn[lane] = x + space;
            const letters = Math.floor((space - 8) / 6.2);
            const name = s.name.length > letters ? `${s.name.slice(0, Math.max(letters - 1, 0))}\u2026` : s.name;
            parts.push(drawing("rect", { class: "strip", x, y: lane * row, width: space, height: row - 3, rx: 2 },
                drawing("title", {}, `${s.name}: ${formatNs(s.end - s.start)}`)));
            if (letters >= 3) parts.push(drawing("text", { class: "strip-text", x: x + 4, y: lane * row + 11 }, name));
        }
        this.strip.setAttribute("height", Math.max(free.length, 1) * row);
        this.strip.replaceChildren(...parts);
    }

    /* Put the cursor of all charts at a moment; null takes it away. */
    point(ns) {
        this.now = ns;
        if (ns === null || this.course.count === 0) {
            this.charts.forEach((chart) => chart.leave());
            this.at.textContent = "";
            return;
        }
        const row = this.course.rowAt(ns);
        const outside = ns < this.course.starts[row];
        this.charts.forEach((chart) => chart.point(outside ? this.course.count : row, ns));
        const names = this.sections.filter((s) => s.start <= ns && ns < s.end).map((s) => s.name);
        const step = outside ? 1e6 : this.course.ends[row] - this.course.starts[row];
        this.at.textContent = [formatMoment(ns, step), ...names.slice(0, 3)].join(" \u00b7 ");
    }
}

function startTimeline(profile) {
    const timeline = new Timeline(profile);
    if (timeline.charts.length === 0 && timeline.sections.length === 0) return;
    timeline.start();
    const kept = profile.course.stretches.map((s) => `${s.rows} of ${formatNs(s.interval_ns)}`);
    document.getElementById("timeline-hint").textContent = (kept.length > 1 ? `Older times are kept coarser: rows ${kept.join(", then ")}. ` : "") +
        "Drag to zoom in; bands span the least and the most.";
    const still = profile.metrics.filter((m) => m.status === "WTFCB_OK" && !profile.course.values[m.name]);
    const same = profile.metrics.filter(isUnchanged);
    const texts = [];
    if (still.length > 0) texts.push(`None throughout: ${still.map((m) => m.summary).join("; ")}.`);
    if (same.length > 0) texts.push(`The same throughout: ${same.map((m) => `${m.summary} ${formatCount(m.maximum)}`).join("; ")}.`);
    if (timeline.charts.length > 0) document.getElementById("timeline-still").textContent = texts.join(" ");
}
