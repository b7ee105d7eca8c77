/* Figures as people read them: three digits and a unit. Nothing here looks at the page. */
"use strict";

function scaled(number, units, step) {
    let unit = 0;
    while (unit < units.length - 1 && number >= step * 0.9995) {
        number /= step;
        unit++;
    }
    const digits = unit === 0 && Number.isInteger(number) ? 0 : number >= 99.95 ? 0 : number >= 9.995 ? 1 : 2;
    return `${number.toFixed(digits)}\u202f${units[unit]}`.trim();
}

const isKnown = (number) => number !== null && number !== undefined;

function formatNs(ns) {
    if (!isKnown(ns)) return "\u2013";
    const seconds = Math.round(ns / 1e9);
    if (seconds < 120) return scaled(ns, ["ns", "\u00b5s", "ms", "s"], 1000);
    if (seconds < 7200) return `${Math.floor(seconds / 60)}\u202fmin ${seconds % 60}\u202fs`;
    return `${Math.floor(seconds / 3600)}\u202fh ${Math.floor(seconds / 60) % 60}\u202fmin`;
}

function formatBytes(bytes) {
    return isKnown(bytes) ? scaled(bytes, ["B", "KiB", "MiB", "GiB", "TiB"], 1024) : "\u2013";
}

function formatCount(number) {
    if (!isKnown(number)) return "\u2013";
    return number < 100000 && Number.isInteger(number) ? String(number) : scaled(number, ["", "k", "M", "G", "T"], 1000);
}

function formatPercent(percent) {
    if (!isKnown(percent)) return "\u2013";
    const digits = percent >= 99.95 ? 0 : percent >= 9.995 ? 1 : 2;
    return `${percent.toFixed(digits)}\u202f%`;
}

/* By the name of a unit, as trees and metrics have it. */
function formatUnit(unit, number) {
    switch (unit) {
    case "ns":
    case "nanoseconds": return formatNs(number);
    case "bytes": return formatBytes(number);
    case "percent": return formatPercent(number);
    default: return formatCount(number);
    }
}

/* A moment of the run, to a precision that fits `step_ns`. */
function formatMoment(ns, step_ns) {
    const seconds = ns / 1e9;
    const digits = step_ns >= 1e9 ? 0 : step_ns >= 1e8 ? 1 : step_ns >= 1e7 ? 2 : step_ns >= 1e6 ? 3 : 6;
    if (seconds < 120) return `${seconds.toFixed(digits)}\u202fs`;
    const whole = Math.floor(seconds);
    const pad = (n) => String(n).padStart(2, "0");
    const rest = digits > 0 ? (seconds - whole).toFixed(digits).slice(1) : "";
    const hours = Math.floor(whole / 3600);
    return `${hours > 0 ? `${hours}:` : ""}${hours > 0 ? pad(Math.floor(whole / 60) % 60) : Math.floor(whole / 60)}:${pad(whole % 60)}${rest}`;
}

/* Round steps for an axis: at most `count` of them up to `most`. Bytes go by powers of two, nanoseconds of a run also by minutes and hours. */
function axisStep(most, count, unit) {
    const least = most / Math.max(count, 1);
    if (!(least > 0)) return 1;
    if (unit === "bytes") return 2 ** Math.ceil(Math.log2(least));
    if (unit === "time" && least > 30e9)
        return [60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 21600, 43200].map((s) => s * 1e9).find((s) => s >= least) || 86400e9;
    const power = 10 ** Math.floor(Math.log10(least));
    return [1, 2, 5, 10].map((m) => m * power).find((s) => s >= least * 0.9999);
}

/* Where a frame is: object, file and line, as far as they are known; in short with the last folder of the file alone. Compilers write paths with "/./" in them. */
function placeOf(frame, short) {
    let file = frame.file.replace(/\/(\.\/)+/g, "/");
    if (short) file = file.replace(/^.+(\/[^/]+\/[^/]+)$/, "\u2026$1");
    return [frame.object, file && file + (frame.line ? `:${frame.line}` : "")].filter(Boolean).join(" \u00b7 ");
}

const isNarrow = window.matchMedia("(max-width: 34rem)").matches; /* a phone: no keyboard, little room */

/* Elements, with texts as texts: nothing of a profile is ever read as markup. */
function element(name, attributes, ...children) {
    const made = document.createElement(name);
    for (const key in attributes) made.setAttribute(key, attributes[key]);
    made.append(...children);
    return made;
}

function drawing(name, attributes, ...children) {
    const made = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const key in attributes) made.setAttribute(key, attributes[key]);
    made.append(...children);
    return made;
}

/* A section of the page from a template, behind those that are there already. */
function addSection(template, id, title, hint) {
    const section = element("section", { id, "aria-labelledby": `${id}-title` });
    section.append(document.getElementById(template).content.cloneNode(true));
    const head = section.querySelector("h2");
    head.id = `${id}-title`;
    head.textContent = title;
    section.querySelector(".hint").textContent = hint;
    document.getElementById("views").append(section);
    return section;
}
