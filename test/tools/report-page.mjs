/*
 * Opens pages that reports were written as in a headless browser, uses them as a person would, and says what is wrong:
 *
 *     node report-page.mjs CHROMIUM SCREENSHOTS PAGE...
 *
 * Needs puppeteer-core where node finds it. Screenshots of each page, 1280 and 390 pixels wide, light and dark, without script and printed, are for looking at.
 */
import { createRequire } from "node:module";
import path from "node:path";
import { pathToFileURL } from "node:url";

const require = createRequire(path.join(process.cwd(), "report-page.mjs"));
const puppeteer = require("puppeteer-core");
const [chromium, shots, ...pages] = process.argv.slice(2);
const browser = await (puppeteer.default || puppeteer).launch({ executablePath: chromium, args: ["--no-sandbox"] });
let wrong = 0;

function expect(what, holds) {
    if (!holds) wrong++;
    console.log(`${holds ? "ok   " : "WRONG"} ${what}`);
}

const settled = (page) => page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
const text = (page, selector) => page.$eval(selector, (e) => e.textContent);
const visible = (page, selector) => page.$eval(selector, (e) => !e.hidden);

async function open(file, width, height, scheme, script = true) {
    const page = await browser.newPage();
    page.complaints = [];
    page.on("pageerror", (error) => page.complaints.push(String(error)));
    page.on("console", (message) => page.complaints.push(message.text()));
    page.on("request", (request) => { if (!request.url().startsWith("file:")) page.complaints.push(request.url()); });
    await page.setJavaScriptEnabled(script);
    await page.setViewport({ width, height });
    await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }]);
    await page.goto(pathToFileURL(path.resolve(file)).href);
    if (script) await settled(page);
    return page;
}

async function look(file, name) {
    for (const width of [1280, 390]) {
        for (const scheme of ["light", "dark"]) {
            const begin = performance.now();
            const page = await open(file, width, 844, scheme);
            const took = Math.round(performance.now() - begin);
            const beyond = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
            expect(`${name} at ${width}, ${scheme}: ${took} ms, fits (${beyond}), no complaint ${page.complaints.join("; ")}`,
                beyond <= 0 && page.complaints.length === 0 && took < 5000);
            await page.screenshot({ path: path.join(shots, `${name}.${width}.${scheme}.png`), fullPage: true });
            await page.close();
        }
    }
}

async function useBars(page, name) {
    const bars = await page.$$(".bar");
    if (bars.length < 2) return;
    const begin = performance.now();
    await page.$$eval(".bar", (all) => all[1].click());
    await settled(page);
    const took = Math.round(performance.now() - begin);
    const pressed = await page.$$eval(".bar", (all) => all.findIndex((b) => b.getAttribute("aria-pressed") === "true"));
    const shown = await page.$eval("#samples-plot svg", (svg) => svg.getAttribute("aria-label"));
    const title = await page.$$eval(".bar", (all) => all[1].title);
    expect(`${name}: a click on a row shows its samples (${took} ms): ${shown}`, pressed === 1 && took < 2000 &&
        title.startsWith(shown.slice(0, shown.indexOf(": "))));
    expect(`${name}: its figures stand below`, (await page.$$("#figures tbody tr")).length > 0);
    for (const measure of await page.$$eval("#results-measure option", (all) => all.map((o) => o.value))) {
        await page.select("#results-measure", measure);
        expect(`${name}: bars of ${measure}`, (await page.$$(".bar, .failed")).length >= bars.length);
    }
    await page.select("#results-measure", "wall");
    const box = await page.$eval("#samples-plot svg", (svg) => { svg.scrollIntoView(); const b = svg.getBoundingClientRect(); return [b.left, b.top, b.width, b.height]; });
    await page.mouse.move(box[0] + box[2] / 2, box[1] + box[3] / 2);
    expect(`${name}: the pointer says which run it is at: ${await text(page, "#samples-at")}`, (await text(page, "#samples-at")).startsWith("run "));
}

async function useTimelines(page, name) {
    const rows = await page.$$eval("#timeline-row option", (all) => all.map((o) => o.value));
    for (const row of rows) {
        await page.select("#timeline-row", row);
        await settled(page);
        expect(`${name}: timeline ${row} has charts`, (await page.$$("#charts .chart")).length > 0);
    }
}

async function withoutScript(file, name) {
    const page = await open(file, 1280, 900, "light", false);
    const rows = await page.$$eval("noscript table tr, .verdicts li", (all) => all.length);
    await page.screenshot({ path: path.join(shots, `${name}.noscript.png`), fullPage: true });
    console.log(`     ${name} without script: ${rows} rows`);
    await page.close();
}

for (const file of pages) {
    const name = path.basename(file, ".html");
    await look(file, name);
    const page = await open(file, 1280, 900, "light");
    await useBars(page, name);
    if (await visible(page, "#timeline")) await useTimelines(page, name);
    const markup = await page.evaluate(() => document.querySelectorAll("main img, main script, main b b, main i > i").length);
    expect(`${name}: nothing of the report became markup, no complaint ${page.complaints.join("; ")}`, markup === 0 && page.complaints.length === 0);
    await page.emulateMediaType("print");
    await page.screenshot({ path: path.join(shots, `${name}.print.png`), fullPage: true });
    await page.close();
    await withoutScript(file, name);
}
await browser.close();
process.exit(wrong > 0 ? 1 : 0);
