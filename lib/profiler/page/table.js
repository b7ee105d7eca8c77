/* A table of frames: sorted by any column, filtered by name, a part of the rows at first. What it shows is in zones.js and sites.js. */
const ROWS_AT_FIRST = isNarrow ? 12 : 30;

/* Columns: {key, title, hint, format(value) or cell(row)}; the first is the name. `rows` have `shown`, `searched` and what the columns want. */
class FrameTable {
    constructor(id, title, hint, rows, columns) {
        this.rows = rows;
        this.columns = columns;
        this.by = columns.find((c) => c.sorted);
        this.down = true;
        this.limit = ROWS_AT_FIRST;
        this.section = addSection("table-template", id, title, hint);
        this.section.querySelector(".scroll").setAttribute("aria-labelledby", `${id}-title`);
        this.filter = this.section.querySelector(".filter");
        this.more = this.section.querySelector(".more");
        this.body = element("tbody", {});
        const head = element("tr", {});
        for (const column of columns) {
            const button = element("button", { type: "button" }, column.title);
            if (column.hint) button.title = column.hint;
            button.addEventListener("click", () => this.sortBy(column));
            column.head = element("th", { scope: "col" }, button);
            head.append(column.head);
        }
        this.section.querySelector("table").append(element("thead", {}, head), this.body);
        this.filter.addEventListener("input", () => this.draw());
        this.more.addEventListener("click", () => { this.limit = Infinity; this.draw(); });
        this.draw();
    }

    sortBy(column) {
        this.down = this.by === column ? !this.down : column.key !== "shown";
        this.by = column;
        this.draw();
    }

    draw() {
        const text = this.filter.value.trim().toLowerCase();
        const key = this.by.key, sign = this.down ? -1 : 1;
        const number = (row) => (isKnown(row[key]) ? row[key] : -1);
        const order = (a, b) => (key === "shown" ? a.shown.localeCompare(b.shown) : number(a) - number(b));
        const rows = this.rows.filter((row) => row.searched.includes(text)).sort((a, b) => sign * order(a, b));
        for (const column of this.columns) {
            if (column === this.by) column.head.setAttribute("aria-sort", this.down ? "descending" : "ascending");
            else column.head.removeAttribute("aria-sort");
        }
        const shown = rows.slice(0, this.limit);
        this.body.replaceChildren(...shown.map((row) => element("tr", {},
            ...this.columns.map((c) => (c.cell ? c.cell(row) : element("td", {}, c.format(row[c.key])))))));
        this.more.hidden = shown.length === rows.length;
        this.more.textContent = `Show all ${rows.length}`;
        this.section.querySelector("output").textContent = text === "" ? "" : `${rows.length} of ${this.rows.length}`;
    }
}

/* A frame's name, which leads to it in a flame graph if there is one, and below it where it is, in short and in full. */
function nameCell(name, small, title, find) {
    const shown = find ? element("button", { type: "button", title: "Find it in the flame graph" }, name) : element("span", {}, name);
    if (find) shown.addEventListener("click", find);
    return element("td", { class: "name" }, shown, ...(small ? [element("small", { title }, small)] : []));
}

/* A part of the whole as a bar; `most` fills the cell. */
function shareCell(percent, most) {
    const bar = element("i", {});
    bar.style.width = `${(most > 0 ? percent / most * 100 : 0).toFixed(2)}%`;
    return element("td", { class: "share" }, element("span", {}, bar, formatPercent(percent)));
}

const largest = (rows, key) => rows.reduce((most, row) => Math.max(most, row[key]), 0);
