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

function startMachine(system) {
    const both = (part, whole) => (isKnown(part) && isKnown(whole) ? `${formatBytes(part)} of ${formatBytes(whole)}` : null);
    const pairs = [
        ["Host", system.host],
        ["Kernel", [system.kernel, system.architecture].filter(Boolean).join(", ")],
        ["Processor", system.cpu_model],
        ["Cores", isKnown(system.cores_present) ? `${system.cores_present} present, ${system.cores_usable} usable` : null],
        ["Limit of the cgroup", isKnown(system.cpu_limit_milli) ? `${system.cpu_limit_milli / 1000} cores` : null],
        ["Memory available", both(system.memory_available_bytes, system.memory_total_bytes)],
        ["Memory limit of the cgroup", isKnown(system.memory_limit_bytes) ? formatBytes(system.memory_limit_bytes) : null],
        ["Load", isKnown(system.load_milli) ? (system.load_milli / 1000).toFixed(2) : null],
        ["Disk available", both(system.disk_available_bytes, system.disk_total_bytes)],
        ["Clock", [system.clock_source, system.zone_clock && `zones: ${system.zone_clock}`].filter(Boolean).join(", ")],
        ["Library", [system.library, system.compiler].filter(Boolean).join(", ")],
    ].filter(([, text]) => text);
    if (pairs.length === 0) return;
    document.getElementById("machine-list").append(...pairs.flatMap(([name, text]) => [element("dt", {}, name), element("dd", {}, text)]));
    document.getElementById("machine").hidden = false;
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
