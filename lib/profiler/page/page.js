/* The beginning: reads the data that stand in the page and starts each part that has something to show. */

const SECTIONS_AT_FIRST = 30;

function sectionRow(s) {
    const busy = isKnown(s.cpu_ns) && s.duration_ns > 0 ? formatPercent(s.cpu_ns / s.duration_ns * 100) : "\u2013";
    const duration = isKnown(s.duration_ns) ? formatNs(s.duration_ns) : "never ended";
    const cells = [formatMoment(s.start_ns, 1e6), duration, busy, formatBytes(s.rss_first_bytes), formatBytes(s.rss_last_bytes),
        formatBytes(s.rss_peak_bytes)];
    return element("tr", {}, element("td", { class: "name" }, s.name), ...cells.map((text) => element("td", {}, text)));
}

function startSections(profile) {
    const sections = profile.sections;
    if (sections.length === 0) return;
    const titles = ["Section", "Begins", "Duration", "Processor", "Memory at its beginning", "at its end", "Peak"];
    const body = element("tbody", {}, ...sections.slice(0, SECTIONS_AT_FIRST).map(sectionRow));
    const more = document.getElementById("sections-more");
    document.getElementById("sections-table").append(
        element("thead", {}, element("tr", {}, ...titles.map((t) => element("th", { scope: "col", class: "plain" }, t)))), body);
    more.hidden = sections.length <= SECTIONS_AT_FIRST;
    more.textContent = `Show all ${sections.length}`;
    more.addEventListener("click", () => {
        body.append(...sections.slice(SECTIONS_AT_FIRST).map(sectionRow));
        more.hidden = true;
    });
    document.getElementById("sections").hidden = false;
}

function start() {
    const profile = JSON.parse(document.getElementById("profile").textContent);
    const tree = (name) => profile.trees.find((t) => t.name === name);
    const of = (start, name) => tree(name) && start(profile, tree(name).id, flames.get(tree(name).id));
    startTimeline(profile);
    startSections(profile);
    const flames = startFlames(profile);
    of(startFunctions, "cpu");
    startSites(profile, { allocated: tree("allocated"), live: tree("live") }, flames);
    of(startZones, "zones");
    startMachine(profile.system);
}

start();
