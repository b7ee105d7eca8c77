/*
 * Flame graphs: one of trees that hold time, one of trees that hold bytes, so that both are seen at once. Each draws one tree of frames, of a thread or
 * merged over all threads, from the outermost downwards.
 *
 * The data say which trees there are and what their values are. Only what is wider than half a pixel is drawn, so
 * that tens of thousands of nodes cost no more than the pixels that they fill.
 */
const FLAME_ROW = 19;
const FLAME_LETTER = 6.65;

/* By the names of trees: what they are called here, what is counted in them, and whether the mean of one of those says anything. */
const TREES = {
    cpu: { title: "Processor time", counted: "samples", each: false },
    zones: { title: "Zones", counted: "times", each: true },
    live: { title: "Not freed", counted: "blocks", each: true },
    allocated: { title: "All allocated", counted: "blocks", each: true },
};

/* Nodes of a tree as objects below a root, those of equal paths joined. `thread` is an index, or -1 for all of them. */
function joinNodes(profile, tree, thread) {
    const columns = profile.nodes;
    const root = { frame: -1, count: 0, total: 0, self: 0, parent: null, children: [], byFrame: new Map() };
    const made = [];
    const order = [root];
    for (let i = 0; i < columns.frame.length; i++) {
        if (columns.tree[i] !== tree || (thread >= 0 && columns.thread[i] !== thread)) continue;
        const parent = columns.parent[i] === null ? root : made[columns.parent[i]];
        let node = parent.byFrame.get(columns.frame[i]);
        if (!node) {
            node = { frame: columns.frame[i], count: 0, total: 0, self: 0, parent, children: [], byFrame: new Map() };
            parent.byFrame.set(node.frame, node);
            parent.children.push(node);
            order.push(node);
        }
        made[i] = node;
        node.count += columns.count[i];
        node.total += columns.total[i];
        node.self += columns.self[i];
    }
    for (const node of order.reverse()) { /* children before parents */
        const inside = node.children.reduce((sum, child) => sum + child.total, 0);
        node.total = Math.max(node.total, node.self + inside);
        node.children.sort((a, b) => b.total - a.total);
    }
    return root;
}

function colourOf(text) {
    let hash = 7;
    for (let i = 0; i < text.length; i++) hash = (hash * 31 + text.charCodeAt(i)) >>> 0;
    return hash % 8;
}

class Flame {
    constructor(profile, trees, id, title) {
        const [kind, what] = trees[0].unit === "bytes" ? ["memory", "bytes"] : ["time", "time"];
        this.profile = profile;
        this.trees = trees;
        this.names = profile.frames.map((f) => f.name || f.function || "?");
        this.places = profile.frames.map((f) => placeOf(f));
        this.section = addSection("flame-template", id, title,
            `Width is ${what}, deeper is further in. ` +
            (isNarrow ? "Tap to zoom in." : "Click to zoom in. With the keyboard: arrows move, Enter zooms in, Escape zooms out."));
        this.section.classList.add("flame", kind);
        const part = (name) => this.section.querySelector(name);
        this.box = part(".graph");
        this.details = part(".details");
        this.search = part(".search");
        this.out = part(".reset");
        this.threadBox = part(".thread");
        this.treeBox = part(".trees");
        if (kind === "memory") part(".whose").textContent = "Process"; /* which is what allocations are kept by */
        this.listen();
        this.show(trees[0]);
    }

    listen() {
        this.treeBox.hidden = this.trees.length < 2;
        for (const tree of this.trees) {
            tree.button = element("button", { type: "button" }, TREES[tree.name].title);
            tree.button.addEventListener("click", () => this.show(tree));
            this.treeBox.append(tree.button);
        }
        this.threadBox.addEventListener("change", () => this.choose(Number(this.threadBox.value)));
        this.search.addEventListener("input", () => this.mark());
        this.out.addEventListener("click", () => this.zoom(this.root));
        this.box.addEventListener("click", (event) => this.withNode(event, (node) => this.zoom(node)));
        this.box.addEventListener("pointerover", (event) => this.withNode(event, (node) => this.describe(node)));
        this.box.addEventListener("pointerleave", () => this.describe(this.focus));
        this.box.addEventListener("focusin", (event) => this.withNode(event, (node) => this.describe(node)));
        this.box.addEventListener("keydown", (event) => this.key(event));
        let width = this.box.clientWidth;
        new ResizeObserver(() => {
            if (this.box.clientWidth === width) return;
            width = this.box.clientWidth;
            this.draw();
        }).observe(this.box);
    }

    /* Draw a tree from its root, all threads together. */
    show(tree) {
        this.tree = tree;
        for (const other of this.trees) other.button.setAttribute("aria-pressed", other === tree);
        const options = this.threadOptions();
        this.threadBox.replaceChildren(...options);
        this.threadBox.parentElement.hidden = options.length < 3; /* all and the only one */
        this.choose(-1);
    }

    /* Threads that have something of this tree, the longest first. */
    threadOptions() {
        const { nodes, threads } = this.profile;
        const sums = threads.map(() => 0);
        let all = 0;
        for (let i = 0; i < nodes.frame.length; i++) {
            if (nodes.tree[i] !== this.tree.id) continue;
            sums[nodes.thread[i]] += nodes.self[i];
            all += nodes.self[i];
        }
        const some = threads.map((t, i) => i).filter((i) => sums[i] > 0).sort((a, b) => sums[b] - sums[a]);
        const option = (value, text, sum) => element("option", { value }, `${text} \u2013 ${formatUnit(this.tree.unit, sum)}`);
        const named = (i) => (threads[i].name || "thread") + (threads[i].id ? ` (${threads[i].id})` : " (ended)");
        return [option(-1, `all ${some.length} merged`, all), ...some.map((i) => option(i, named(i), sums[i]))];
    }

    choose(thread) {
        this.root = joinNodes(this.profile, this.tree.id, thread);
        this.zoom(this.root);
    }

    zoom(node) {
        this.focus = node;
        this.out.disabled = node === this.root;
        this.draw();
        this.describe(node);
    }

    nameOf(node) { return node.frame < 0 ? "all" : this.names[node.frame]; }

    /* What is drawn: the frames that the focus is inside of across the whole width, then all that is inside of it. */
    layout(width) {
        const placed = [];
        for (let node = this.focus; node; node = node.parent) placed.unshift({ node, x: 0, width, above: node !== this.focus });
        placed.forEach((p, depth) => { p.depth = depth; });
        const scale = this.focus.total > 0 ? width / this.focus.total : 0;
        for (let i = placed.length - 1; i < placed.length; i++) { /* grows meanwhile */
            const at = placed[i];
            let x = at.x;
            for (const child of at.node.children) {
                const space = child.total * scale;
                if (space < 0.5) break; /* the largest come first */
                placed.push({ node: child, x, width: space, depth: at.depth + 1, above: false });
                x += space;
            }
        }
        return placed;
    }

    draw() {
        const width = this.box.clientWidth || 300;
        const placed = this.layout(width);
        const deepest = placed.reduce((most, p) => Math.max(most, p.depth), 0);
        this.placed = placed;
        this.svg = drawing("svg", { viewBox: `0 0 ${width} ${(deepest + 1) * FLAME_ROW}`, height: (deepest + 1) * FLAME_ROW, role: "group", "aria-label": "Flame graph" });
        placed.forEach((p, i) => {
            const name = this.nameOf(p.node);
            const kind = p.node.frame < 0 ? "root" : `f${colourOf(name)}`;
            const group = drawing("g", { class: `frame ${kind}${p.above ? " above" : ""}`, tabindex: -1, "data-i": i, role: "button",
                "aria-label": `${name}, ${formatUnit(this.tree.unit, p.node.total)}` },
                drawing("rect", { x: p.x.toFixed(2), y: p.depth * FLAME_ROW, width: p.width.toFixed(2), height: FLAME_ROW - 1 }));
            const letters = Math.floor((p.width - 6) / FLAME_LETTER);
            if (letters >= 2)
                group.append(drawing("text", { x: (p.x + 3).toFixed(2), y: p.depth * FLAME_ROW + 13 },
                    name.length > letters ? `${name.slice(0, letters - 1)}\u2026` : name));
            p.group = group;
            this.svg.append(group);
        });
        placed.find((p) => p.node === this.focus).group.setAttribute("tabindex", 0);
        this.box.replaceChildren(this.svg);
        this.mark();
    }

    placedOf(target) {
        const group = target.closest && target.closest(".frame");
        return group ? this.placed[Number(group.dataset.i)] : null;
    }

    withNode(event, then) {
        const placed = this.placedOf(event.target);
        if (placed) then(placed.node);
    }

    key(event) {
        const at = this.placedOf(event.target);
        if (!at) return;
        const level = this.placed.filter((p) => p.depth === at.depth);
        const turn = (step) => level[level.indexOf(at) + step];
        let next = null;
        switch (event.key) {
        case "ArrowLeft": next = turn(-1); break;
        case "ArrowRight": next = turn(1); break;
        case "ArrowUp": next = this.placed.find((p) => p.node === at.node.parent); break;
        case "ArrowDown": next = this.placed.find((p) => p.node.parent === at.node); break;
        case "Enter":
        case " ": this.zoom(at.node); break;
        case "Escape": this.zoom(this.focus.parent || this.root); break;
        default: return;
        }
        event.preventDefault();
        if (!next) next = this.placed.find((p) => p.node === at.node) || this.placed.find((p) => p.node === this.focus);
        this.svg.querySelectorAll("[tabindex='0']").forEach((g) => g.setAttribute("tabindex", -1));
        next.group.setAttribute("tabindex", 0);
        next.group.focus();
    }

    describe(node) {
        const unit = this.tree.unit;
        const path = [];
        for (let at = node; at && at.frame >= 0; at = at.parent) path.unshift(this.nameOf(at));
        const part = (of) => formatPercent(of > 0 ? node.total / of * 100 : 0);
        const facts = [formatUnit(unit, node.total), `${part(this.root.total)} of all`];
        if (this.focus !== this.root && node !== this.focus) facts.push(`${part(this.focus.total)} of what is zoomed in`);
        if (node.frame >= 0) {
            facts.push(`itself ${formatUnit(unit, node.self)}`, `${formatCount(node.count)} ${TREES[this.tree.name].counted}`);
            if (node.count > 0 && TREES[this.tree.name].each) facts.push(`${formatUnit(unit, (unit === "bytes" ? node.self : node.total) / node.count)} each`);
        }
        const place = node.frame >= 0 ? this.places[node.frame] : "";
        const shown = path.length > 6 ? [...path.slice(0, 2), "\u2026", ...path.slice(-3)] : path;
        this.details.replaceChildren(element("b", {}, this.nameOf(node)), ` ${facts.join(" \u00b7 ")}`, this.found || "",
            element("small", {}, [shown.join(" \u203a "), place].filter(Boolean).join(" \u00b7 ") || "\u00a0"));
    }

    /* Frames whose name or file has what is searched for; what they take counts once where they are inside each other. */
    mark() {
        const text = this.search.value.trim().toLowerCase();
        const hits = this.names.map((name, i) => text !== "" && (name.toLowerCase().includes(text) || this.places[i].toLowerCase().includes(text)));
        this.svg.classList.toggle("searching", text !== "");
        for (const p of this.placed) p.group.classList.toggle("match", p.node.frame >= 0 && hits[p.node.frame]);
        let sum = 0;
        const open = [this.root];
        while (open.length > 0) {
            const node = open.pop();
            if (node.frame >= 0 && hits[node.frame]) sum += node.total;
            else open.push(...node.children);
        }
        this.found = text === "" ? "" : ` \u00b7 found: ${formatUnit(this.tree.unit, sum)}, ${formatPercent(this.root.total > 0 ? sum / this.root.total * 100 : 0)}`;
        this.describe(this.focus);
    }

    /* Search for a name, and zoom in as far as its longest frame needs to be seen. */
    find(name, tree) {
        let longest = null;
        if (tree !== this.tree.id) this.show(this.trees.find((t) => t.id === tree));
        else if (Number(this.threadBox.value) !== -1) this.show(this.tree);
        const open = [this.root];
        while (open.length > 0) {
            const node = open.pop();
            if (node.frame >= 0 && this.names[node.frame] === name && (!longest || node.total > longest.total)) longest = node;
            open.push(...node.children);
        }
        const width = this.box.clientWidth || 300;
        let outer = longest ? longest.parent : this.root;
        while (outer.parent && longest.total / outer.parent.total * width > 6) outer = outer.parent;
        this.search.value = name;
        this.zoom(outer);
        this.section.scrollIntoView({ block: "start" });
    }
}

/* The flame graph that each tree is drawn in, by the tree's number. Samples come before zones: they know all of the program. */
function startFlames(profile) {
    const there = profile.trees.filter((t) => TREES[t.name] && profile.nodes.tree.includes(t.id));
    const order = Object.keys(TREES);
    const flames = new Map();
    for (const [id, title, bytes] of [["flame-time", "Flame graph of time", false], ["flame-memory", "Flame graph of memory", true]]) {
        const trees = there.filter((t) => (t.unit === "bytes") === bytes).sort((a, b) => order.indexOf(a.name) - order.indexOf(b.name));
        if (trees.length === 0) continue;
        const flame = new Flame(profile, trees, id, trees.length > 1 ? title : bytes ? title : `Flame graph: ${TREES[trees[0].name].title.toLowerCase()}`);
        for (const tree of trees) flames.set(tree.id, flame);
    }
    return flames;
}
