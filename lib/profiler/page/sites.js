/*
 * The table of allocation sites. A block counts for the nearest caller that is not there to allocate: malloc and its like, C++'s new and containers, and
 * whatever has "alloc" in its name, are passed over.
 */
const WRAPPER = /^(operator new|std::|__gnu_cxx::|void std::)|^[^(<]*(alloc|strdup|strndup|asprintf)/i;

/* What of a tree each frame holds as a site, and through which frame most of that was allocated. */
function sitesOf(profile, tree) {
    const { nodes, frames } = profile;
    const wraps = frames.map((f) => WRAPPER.test(f.name));
    const sites = new Map();
    for (let i = 0; i < nodes.frame.length; i++) {
        if (nodes.tree[i] !== tree || nodes.self[i] === 0) continue;
        let at = i;
        while (at !== null && wraps[nodes.frame[at]]) at = nodes.parent[at];
        const frame = nodes.frame[at === null ? i : at];
        const site = sites.get(frame) || { bytes: 0, blocks: 0, most: 0, through: -1 };
        site.bytes += nodes.self[i];
        site.blocks += nodes.count[i];
        if (nodes.self[i] >= site.most) Object.assign(site, { most: nodes.self[i], through: nodes.frame[i] });
        sites.set(frame, site);
    }
    return sites;
}

/* Sites of both trees by what they are, since each tree has frames of its own. */
function joinSites(profile, trees) {
    const rows = new Map();
    for (const [kind, tree] of Object.entries(trees)) {
        for (const [index, site] of tree ? sitesOf(profile, tree.id) : []) {
            const f = profile.frames[index];
            const key = [f.name, f.object, f.file].join("\n");
            const row = rows.get(key) || { shown: f.name || "?", short: placeOf(f, true), place: placeOf(f), live: 0, live_blocks: 0, allocated: 0, allocated_blocks: 0 };
            row[kind] += site.bytes;
            row[`${kind}_blocks`] += site.blocks;
            row.tree = tree.id;
            row.through = site.through !== index ? profile.frames[site.through].name : "";
            row.searched = `${row.shown} ${row.place} ${row.through}`.toLowerCase();
            rows.set(key, row);
        }
    }
    return [...rows.values()];
}

function startSites(profile, trees, flames) {
    const rows = joinSites(profile, trees);
    if (rows.length === 0) return;
    const sum = (key) => rows.reduce((all, row) => all + row[key], 0);
    const all = sum("allocated"), live = sum("live");
    for (const row of rows) {
        row.share = all > 0 ? row.allocated / all * 100 : 0;
        row.live_share = live > 0 ? row.live / live * 100 : 0;
    }
    const most = largest(rows, "share"), most_live = largest(rows, "live_share");
    const how = profile.alloc_rate > 0 ? `Estimates from a sample: one in ${formatBytes(profile.alloc_rate)} on average. ` : "";
    const cell = (row) => nameCell(row.shown, [row.through && `through ${row.through}`, row.short].filter(Boolean).join(" \u00b7 "), row.place,
        flames.get(row.tree) && (() => flames.get(row.tree).find(row.shown, row.tree)));
    new FrameTable("sites", "Allocation sites", `${how}Not freed is what was still there at the end: leaks, or kept on purpose.`, rows, [
        { key: "shown", title: "Site", cell, hint: "the nearest caller that is not there to allocate" },
        { key: "live", title: "Not freed", format: formatBytes, sorted: live > 0 },
        { key: "live_blocks", title: "Blocks", format: formatCount },
        { key: "live_share", title: "Share", cell: (row) => shareCell(row.live_share, most_live), hint: "of all that was not freed" },
        { key: "allocated", title: "All allocated", format: formatBytes, sorted: live === 0 },
        { key: "allocated_blocks", title: "Blocks", format: formatCount },
        { key: "share", title: "Share", cell: (row) => shareCell(row.share, most), hint: "of all that was allocated" },
    ]);
}
