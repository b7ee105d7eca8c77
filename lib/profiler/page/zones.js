/* The tables of zones and of functions. */

/* Frames of a tree with their shares of the whole, each without what is inside. */
function rowsOf(profile, tree) {
    const rows = profile.frames.filter((f) => f.tree === tree && f.count + f.self > 0);
    const all = rows.reduce((sum, f) => sum + f.self, 0);
    for (const f of rows) {
        f.shown = f.name || f.function || "?";
        f.searched = `${f.shown} ${f.function} ${f.file} ${f.object}`.toLowerCase();
        f.share = all > 0 ? f.self / all * 100 : 0;
        f.whole_share = all > 0 ? f.total / all * 100 : 0;
        f.mean_ns = f.count > 0 ? f.total / f.count : null;
    }
    return rows;
}

function frameCell(f, flame) {
    const called = f.function && f.function !== f.shown ? `${f.function}()` : "";
    return nameCell(f.shown, [called, placeOf(f, true)].filter(Boolean).join(" \u00b7 "), placeOf(f), flame && (() => flame.find(f.shown, f.tree)));
}

function startFunctions(profile, tree, flame) {
    const rows = rowsOf(profile, tree);
    if (rows.length === 0) return;
    const most = largest(rows, "share"), most_whole = largest(rows, "whole_share");
    const short = profile.cpu_samples > 0 ? profile.cpu_unwound_short / profile.cpu_samples * 100 : 0;
    new FrameTable("functions", "Functions", `${profile.cpu_samples} samples of processor time by ${profile.cpu_engine || "?"}, ` +
        `${profile.cpu_hz} a second.` + (short >= 1 ? ` Of ${formatPercent(short)} of them the callers are not known: code without frame pointers.` : ""), rows, [
        { key: "shown", title: "Function", cell: (f) => frameCell(f, flame) },
        { key: "count", title: "Samples", format: formatCount, hint: "that found it innermost" },
        { key: "self", title: "Self", format: formatNs, hint: "without what it calls", sorted: true },
        { key: "share", title: "Share", cell: (f) => shareCell(f.share, most), hint: "of all processor time, without what it calls" },
        { key: "total", title: "Total", format: formatNs, hint: "with what it calls, as far as callers are known" },
        { key: "whole_share", title: "Share", cell: (f) => shareCell(f.whole_share, most_whole), hint: "of all processor time, with what it calls" },
    ]);
}

function startZones(profile, tree, flame) {
    const rows = rowsOf(profile, tree);
    if (rows.length === 0) return;
    const most = largest(rows, "share");
    new FrameTable("zones", "Zones", "", rows, [
        { key: "shown", title: "Zone", cell: (f) => frameCell(f, flame) },
        { key: "count", title: "Count", format: formatCount },
        { key: "total", title: "Total", format: formatNs },
        { key: "self", title: "Self", format: formatNs, hint: "without the zones inside", sorted: true },
        { key: "share", title: "Share", cell: (f) => shareCell(f.share, most), hint: "of the time of all zones, each without those inside" },
        { key: "mean_ns", title: "Mean", format: formatNs },
        { key: "minimum_ns", title: "Min", format: formatNs },
        { key: "p50_ns", title: "p50", format: formatNs, hint: "half were as short" },
        { key: "p95_ns", title: "p95", format: formatNs },
        { key: "p99_ns", title: "p99", format: formatNs },
        { key: "maximum_ns", title: "Max", format: formatNs },
    ]);
}
