/*
 * Opens pages that profiles were written as in a headless browser, uses them as a person would, and says what is wrong:
 *
 *     node profile-page.mjs CHROMIUM SCREENSHOTS PAGE...
 *
 * Needs puppeteer-core where node finds it. Screenshots of each page, 1280 and 390 pixels wide, light and dark, zoomed and printed, are for looking at.
 */
import { createRequire } from "node:module";
import path from "node:path";
import { pathToFileURL } from "node:url";

const require = createRequire(path.join(process.cwd(), "profile-page.mjs"));
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
            const page = await open(file, width, width === 390 ? 844 : 900, scheme);
            const took = Math.round(performance.now() - begin);
            const beyond = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
            expect(`${name} at ${width}, ${scheme}: ${took} ms, fits, no complaint ${page.complaints.join("; ")}`,
                beyond <= 0 && page.complaints.length === 0 && took < 5000);
            await page.screenshot({ path: path.join(shots, `${name}.${width}.${scheme}.png`), fullPage: true });
            await page.close();
        }
    }
}

/* `at` is the section of a flame graph, of which a page can have two. */
async function useFlame(page, name, at) {
    if (!(await page.$(at))) return;
    const frames = () => page.$$eval(`${at} .frame`, (all) => all.map((g) => g.getAttribute("aria-label")));
    const before = await frames();
    const wide = await page.$$eval(`${at} .frame`, (all) => all.findIndex((g, i) => i > 1 && g.querySelector("rect").width.baseVal.value > 30));
    if (wide > 0) {
        const label = before[wide];
        await page.$$eval(`${at} .frame`, (all, i) => all[i].dispatchEvent(new MouseEvent("click", { bubbles: true })), wide);
        const width = await page.$$eval(`${at} .frame:not(.above)`, (all) => all[0].querySelector("rect").width.baseVal.value);
        const full = await page.$eval(`${at} .graph`, (e) => e.clientWidth);
        expect(`${name}: a click zooms in on ${label}`, Math.abs(width - full) < 1 &&
            (await page.$eval(`${at} .frame:not(.above)`, (g) => g.getAttribute("aria-label"))) === label);
        await page.$eval(at, (e) => e.scrollIntoView());
        await page.screenshot({ path: path.join(shots, `${name}${at.replace("#", ".")}.zoomed.png`) });
        await page.click(`${at} .reset`);
        expect(`${name}: zooming out shows all again`, (await frames()).length === before.length);
    }
    await page.$eval(`${at} .frame[tabindex='0']`, (g) => g.focus());
    await page.keyboard.press("ArrowDown");
    const focused = await page.evaluate(() => document.activeElement.getAttribute("aria-label"));
    expect(`${name}: the arrow goes to the frame below: ${focused}`, focused === before[1]);
    await page.keyboard.press("Enter");
    expect(`${name}: Enter zooms in`, (await page.$$(`${at} .frame.above`)).length === 1);
    await page.keyboard.press("Escape");
    expect(`${name}: Escape zooms out`, (await page.$$(`${at} .frame.above`)).length === 0);
    const word = before[1].split(",")[0].slice(0, 4);
    await page.type(`${at} .search`, word);
    const matches = (await page.$$(`${at} .frame.match`)).length;
    expect(`${name}: searching "${word}" marks ${matches}: ${await text(page, `${at} .details`)}`, matches > 0 &&
        (await text(page, `${at} .details`)).includes("found"));
    await page.$eval(`${at} .search`, (e) => { e.value = ""; e.dispatchEvent(new Event("input")); });
    const threads = await page.$$eval(`${at} .thread option`, (all) => all.map((o) => o.value));
    await page.select(`${at} .thread`, threads[threads.length - 1]);
    expect(`${name}: one thread has no more than all: ${await text(page, `${at} .details`)}`, (await frames()).length > 1);
    await page.select(`${at} .thread`, "-1");
    for (const tree of await page.$$(`${at} .trees button`)) {
        if (!(await tree.isVisible())) continue;
        await tree.click();
        expect(`${name}: ${at} shows ${await tree.evaluate((e) => e.textContent)}: ${await text(page, `${at} .details`)}`,
            (await frames()).length > 1 && (await tree.evaluate((e) => e.getAttribute("aria-pressed"))) === "true");
    }
}

/* `at` is the section of a table; its second column holds numbers, the largest of which come first after a click. */
async function useTable(page, name, at) {
    if (!(await page.$(at))) return;
    const units = { k: 1e3, M: 1e6, G: 1e9, KiB: 1024, MiB: 1048576, GiB: 1073741824 };
    const column = (i) => page.$$eval(`${at} tbody td:nth-child(${i})`, (all) => all.map((e) => e.textContent));
    const heads = await page.$$(`${at} thead button`);
    await heads[0].click(); /* whatever it was sorted by */
    await heads[1].click();
    const counts = (await column(2)).map((t) => parseFloat(t) * (units[t.replace(/^[\d.\s]+/, "")] || 1));
    expect(`${name}: ${at} sorted by its second column`, counts.every((n, i) => i === 0 || n <= counts[i - 1]));
    await heads[1].click();
    expect(`${name}: and the other way round`, (await page.$eval(`${at} th:nth-child(2)`, (e) => e.getAttribute("aria-sort"))) === "ascending");
    const first = await text(page, `${at} tbody td`);
    await page.type(`${at} .filter`, first.slice(0, 3));
    expect(`${name}: filtered to ${await text(page, `${at} .readout`)}`, (await column(1)).length > 0);
    await page.click(`${at} tbody button`);
    const searched = await page.$$eval(".flame .search", (all) => all.map((e) => e.value));
    expect(`${name}: a row of ${at} is found in a flame graph`, searched.some((value) => value.length > 0));
    for (const search of await page.$$(".flame .search")) await search.evaluate((e) => { e.value = ""; e.dispatchEvent(new Event("input")); });
}

async function useTimeline(page, name) {
    const svg = (await visible(page, "#timeline")) ? await page.$(".chart.wide svg[aria-label^='Resident']") : null;
    if (!svg) return;
    await svg.scrollIntoView();
    const box = await svg.boundingBox();
    await page.mouse.move(box.x + box.width / 2, box.y + 40);
    expect(`${name}: the cursor reads ${await text(page, "#timeline-at")}`, (await text(page, "#timeline-at")).length > 1);
    await page.screenshot({ path: path.join(shots, `${name}.hover.png`) });
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.7, box.y + 40, { steps: 5 });
    await page.mouse.up();
    expect(`${name}: dragging zooms in`, await visible(page, "#timeline-reset"));
    await page.screenshot({ path: path.join(shots, `${name}.timeline.png`) });
    await page.focus("#charts");
    await page.keyboard.press("Escape");
    expect(`${name}: Escape shows the whole run`, !(await visible(page, "#timeline-reset")));
}

async function withoutScript(file, name) {
    const page = await open(file, 800, 600, "light", false);
    const shown = await page.screenshot({ path: path.join(shots, `${name}.noscript.png`), fullPage: true });
    expect(`${name} without script: drawn`, shown.length > 1000);
    await page.close();
}

for (const file of pages) {
    const name = path.basename(file, ".html");
    await look(file, name);
    const page = await open(file, 1280, 900, "light");
    await useTimeline(page, name);
    for (const at of ["#flame-time", "#flame-memory"]) await useFlame(page, name, at);
    for (const at of ["#functions", "#sites", "#zones"]) await useTable(page, name, at);
    expect(`${name}: used without complaint ${page.complaints.join("; ")}`, page.complaints.length === 0);
    await page.emulateMediaType("print");
    await page.setViewport({ width: 800, height: 1100 });
    await page.screenshot({ path: path.join(shots, `${name}.print.png`), fullPage: true });
    await page.pdf({ path: path.join(shots, `${name}.pdf`), format: "A4" });
    await page.close();
    await withoutScript(file, name);
}
await browser.close();
process.exit(wrong > 0 ? 1 : 0);
