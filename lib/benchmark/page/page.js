/* The beginning: reads the data that stand in the page and starts each part that has something to show. */

/* Timelines of rows that were profiled, one at a time. Each begins with elements that nobody listens to. */
function startTimelines(report) {
    const select = document.getElementById("timeline-row");
    if (report.profiles.length === 0) return;
    const show = (profile) => {
        for (const id of ["charts", "timeline-reset"]) {
            const old = document.getElementById(id);
            old.replaceWith(old.cloneNode(id !== "charts"));
        }
        document.getElementById("timeline-reset").hidden = true;
        for (const id of ["timeline-hint", "timeline-still", "timeline-at"]) document.getElementById(id).textContent = "";
        startTimeline(profile);
    };
    report.profiles.forEach((p, i) => select.append(element("option", { value: String(i) }, report.rows[p.row].name || "(no name)")));
    select.addEventListener("change", () => show(report.profiles[select.value]));
    show(report.profiles[0]);
}

function start() {
    const report = JSON.parse(document.getElementById("report").textContent);
    startVerdicts(report);
    if (report.rows.length > 0) {
        const chosen = (row) => { bars.mark(row); samples.show(row); };
        const samples = new Samples(report, chosen);
        const bars = new Bars(report, (row) => {
            chosen(row);
            document.getElementById("samples").scrollIntoView({ block: "nearest" });
        });
        bars.start();
        if (samples.rows.length > 0) {
            samples.start();
            chosen(samples.rows[0]);
        }
    }
    startScaling(report);
    startTimelines(report);
    startMachine(report.system);
}

start();
