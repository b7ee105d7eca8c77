/* The table of zones: sorted by any column, filtered by name, a part of the rows at first. */
const ZONES_AT_FIRST = 30;

class ZoneTable {
    constructor(profile, flame) {
        this.flame = flame;
        this.rows = profile.frames.filter((f) => f.tree === 1 && f.count + f.self > 0);
        const all = this.rows.reduce((sum, f) => sum + f.self, 0);
        for (const f of this.rows) {
            f.shown = f.name || f.function || "?";
            f.share = all > 0 ? f.self / all * 100 : 0;
            f.mean_ns = f.count > 0 ? f.total / f.count : null;
        }
        this.most = this.rows.reduce((most, f) => Math.max(most, f.share), 0);
        this.columns = [
            { key: "shown", title: "Zone", cell: (f) => this.nameCell(f) },
            { key: "count", title: "Count", format: formatCount },
            { key: "total", title: "Total", format: formatNs },
            { key: "self", title: "Self", format: formatNs, hint: "without the zones inside" },
            { key: "share", title: "Share", cell: (f) => this.shareCell(f), hint: "of the time of all zones, each without those inside" },
            { key: "mean_ns", title: "Mean", format: formatNs },
            { key: "minimum_ns", title: "Min", format: formatNs },
            { key: "p50_ns", title: "p50", format: formatNs, hint: "half were as short" },
            { key: "p95_ns", title: "p95", format: formatNs },
            { key: "p99_ns", title: "p99", format: formatNs },
            { key: "maximum_ns", title: "Max", format: formatNs },
        ];
        this.by = this.columns[3];
        this.down = true;
        this.limit = ZONES_AT_FIRST;
        this.filter = document.getElementById("zones-filter");
        this.more = document.getElementById("zones-more");
        this.body = element("tbody", {});
    }

    start() {
        document.getElementById("zones").hidden = false;
        const head = element("tr", {});
        for (const column of this.columns) {
            const button = element("button", { type: "button" }, column.title);
            if (column.hint) button.title = column.hint;
            button.addEventListener("click", () => this.sortBy(column));
            column.head = element("th", { scope: "col" }, button);
            head.append(column.head);
        }
        document.getElementById("zones-table").append(element("thead", {}, head), this.body);
        this.filter.addEventListener("input", () => this.draw());
        this.more.addEventListener("click", () => { this.limit = Infinity; this.draw(); });
        this.draw();
    }

    nameCell(f) {
        const cell = element("td", { class: "name" });
        const name = this.flame ? element("button", { type: "button", title: "Find it in the flame graph" }, f.shown) : element("span", {}, f.shown);
        if (this.flame) name.addEventListener("click", () => this.flame.find(f.shown));
        const place = f.file ? f.file + (f.line ? `:${f.line}` : "") : "";
        const called = f.function && f.function !== f.shown ? `${f.function}()` : "";
        cell.append(name);
        if (place || called) cell.append(element("small", {}, [called, place].filter(Boolean).join(" \u00b7 ")));
        return cell;
    }

    shareCell(f) {
        const bar = element("i", {});
        bar.style.width = `${(this.most > 0 ? f.share / this.most * 100 : 0).toFixed(2)}%`;
        return element("td", { class: "share" }, element("span", {}, bar, formatPercent(f.share)));
    }

    sortBy(column) {
        this.down = this.by === column ? !this.down : column.key !== "shown";
        this.by = column;
        this.draw();
    }

    draw() {
        const text = this.filter.value.trim().toLowerCase();
        const key = this.by.key, sign = this.down ? -1 : 1;
        const order = (a, b) => (key === "shown" ? a.shown.localeCompare(b.shown) : (a[key] === null ? -1 : a[key]) - (b[key] === null ? -1 : b[key]));
        const rows = this.rows.filter((f) => `${f.shown} ${f.function} ${f.file}`.toLowerCase().includes(text)).sort((a, b) => sign * order(a, b));
        for (const column of this.columns) {
            if (column === this.by) column.head.setAttribute("aria-sort", this.down ? "descending" : "ascending");
            else column.head.removeAttribute("aria-sort");
        }
        const shown = rows.slice(0, this.limit);
        this.body.replaceChildren(...shown.map((f) => element("tr", {},
            ...this.columns.map((c) => (c.cell ? c.cell(f) : element("td", {}, c.format(f[c.key])))))));
        this.more.hidden = shown.length === rows.length;
        this.more.textContent = `Show all ${rows.length}`;
        document.getElementById("zones-count").textContent = text === "" ? "" : `${rows.length} of ${this.rows.length}`;
    }
}

function startZones(profile, flame) {
    const table = new ZoneTable(profile, flame);
    if (table.rows.length > 0) table.start();
}
