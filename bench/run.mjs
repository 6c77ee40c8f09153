// `make bench`: starts the built binary beside the floors of ../shared/limits and prints one table.
//
//   node bench/run.mjs --binary PATH [--limits FOLDER] [--quick] [--keep FILE] [--sizes 1500,15000,150000] [--made FOLDER]
//
// Making 150,000 incidents and their index takes longer than measuring them: with --made they stay in that
// folder, with the figures of making them, and the next run measures the same data.
//
// Each row is a figure of goals.md with its id; where a goal is a ratio, the floor was taken in the same
// run. The last column says what falls short, in words. Everything stays on 127.0.0.1, and under /tmp but for
// what --made keeps. A figure over its goal is no failure; a part that could not be measured is, and is named.

import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { loadavg, cpus, tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { parseArgs } from "node:util";

import { browser, lighthouse } from "./figures/browser.mjs";
import { exports } from "./figures/exports.mjs";
import { imports } from "./figures/imports.mjs";
import { pages } from "./figures/pages.mjs";
import { queries } from "./figures/queries.mjs";
import { reindex, search } from "./figures/search.mjs";
import { empty, full } from "./figures/start.mjs";
import { words } from "./figures/words.mjs";
import { freePort, judge, round, run, signIn, start } from "./lib.mjs";

const { values: said } = parseArgs({
  options: { binary: { type: "string" }, limits: { type: "string" }, quick: { type: "boolean" }, keep: { type: "string" }, sizes: { type: "string" }, made: { type: "string" }, profile: { type: "string" } },
});
const work = mkdtempSync(join(process.env.AFTERWORD_BENCH_DIR ?? tmpdir(), "afterword-bench-"));
const beside = (name) => (said.limits && existsSync(join(said.limits, name)) ? join(said.limits, name) : undefined);
const lighthouseBin = resolve(import.meta.dirname, "node_modules/.bin/lighthouse");
const site = {
  binary: resolve(said.binary),
  pilot: beside("pilot"),
  bigdb: beside("bigdb"),
  limits: beside("timeline") ? said.limits : undefined,
  quick: said.quick ?? false,
  seconds: said.quick ? 1 : 4,
  work,
  lighthouse: existsSync(lighthouseBin) ? lighthouseBin : undefined,
};
const sizes = (said.sizes ?? (site.quick ? "1500" : "1500,15000,150000")).split(",").map(Number);
const rows = [];

/** Runs one part; a part that fails is a row that says so, never silence. */
async function part(name, size, work) {
  process.stderr.write(`==> ${name}\n`);
  const load = loadavg()[0];
  try {
    for (const row of await work()) rows.push({ ...row, size, load });
  } catch (error) {
    rows.push({ id: "!", what: name, size, load, note: `not measured: ${error.message.split("\n")[0].slice(0, 160)}` });
  }
}

/** Fills a folder with an invented organisation, and beside it the pilot's own database of the same size. */
function fill(size, pilotDb) {
  const { folder, incidents, events } = size;
  const done = run(site.binary, ["demo-data", "--data", folder, "--incidents", String(incidents), "--events", String(events), "--seed", "7"]);
  if (done.code !== 0) throw new Error(`demo-data: ${(done.err || done.out).trim().split("\n").at(-1)}`);
  const value = done.ms / 1000;
  const floor = site.bigdb ? run(site.bigdb, [dirname(pilotDb), String(incidents), String(events)]).ms / 1000 : undefined;
  return [{ id: "P34b", what: `${incidents} incidents, ${events} events, in`, value, unit: "s", floor, ratio: floor && value / floor, ratioMost: 5, most: incidents === 150_000 ? 200 : undefined }];
}

/** The data and its index: made, or as an earlier run left them, with what making them cost then. */
async function make(incidents) {
  const root = said.made ? resolve(said.made) : work;
  const pilotDb = join(root, `big_${incidents}.db`);
  const note = join(root, `made-${incidents}.json`);
  const size = { folder: join(root, `data-${incidents}`), incidents, events: Math.round((incidents * 100) / 3) };
  if (existsSync(note)) {
    rows.push(...JSON.parse(readFileSync(note, "utf8")));
  } else {
    // What a run left unfinished would be finished by this one, and its time be told as that of the whole.
    rmSync(size.folder, { recursive: true, force: true });
    mkdirSync(root, { recursive: true });
    const first = rows.length;
    await part(`an organisation of ${incidents} incidents`, incidents, () => fill(size, pilotDb));
    if (rows.at(-1).id === "!") return undefined;
    await part("index", incidents, () => reindex(site, size));
    const made = rows.slice(first);
    if (said.made && made.every((row) => row.id !== "!")) writeFileSync(note, JSON.stringify(made));
  }
  return { ...size, pilotDb: existsSync(pilotDb) ? pilotDb : undefined };
}

async function measure(incidents) {
  const size = await make(incidents);
  if (!size) return;
  await part("start", incidents, () => full(site, size, site.quick ? 3 : 7));
  const port = await freePort();
  const server = await start(site.binary, ["serve", "--data", size.folder, "--listen", `127.0.0.1:${port}`], `http://127.0.0.1:${port}`, "/healthz", { AFTERWORD_API_REQUESTS_PER_MINUTE: "10000000" });
  size.cookie = await signIn(server.base);
  await part("pages", incidents, () => pages(site, size, server));
  await part("search", incidents, () => search(site, size, server));
  await part("exports", incidents, () => exports(site, size, server));
  const stopped = await server.stop();
  rows.push({ id: "P04", what: "SIGTERM after load", size: incidents, value: stopped.ms, unit: "ms", most: 2000 });
  if (!said.made) rmSync(size.folder, { recursive: true, force: true });
}

async function inTheBrowser() {
  const port = await freePort();
  const demo = await start(site.binary, ["demo", "--data", join(work, "demo"), "--listen", `127.0.0.1:${port}`], `http://127.0.0.1:${port}`);
  const form = new URLSearchParams({ email: "ada@demo.example", password: "afterword-demo" });
  const answer = await fetch(`${demo.base}/sign-in`, { method: "POST", body: form, redirect: "manual", headers: { origin: demo.base } });
  const cookie = answer.headers.getSetCookie().map((one) => one.split(";")[0]).join("; ");
  await part("in the browser", 0, () => browser(site, demo));
  if (site.lighthouse && !site.quick) await part("Lighthouse", 0, () => lighthouse(site, demo, cookie, 3));
  await demo.stop();
}

/** P56, P58, P60: the same figure at ten times the data. */
function growth() {
  const found = [];
  for (const row of rows.filter((one) => one.grows && one.size > 1500)) {
    const smaller = rows.find((one) => one.id === row.id && one.what === row.what && one.size === row.size / 10);
    if (!smaller?.value) continue;
    found.push({ id: `10 × ${row.id}`, what: `${row.what}: growth`, size: row.size, value: row.value / smaller.value, unit: "×", most: row.grows, load: row.load });
  }
  return found;
}

/** How a row stands against its goal, in words. */
function verdict(row) {
  if (row.note) return row.note;
  const short = judge(row);
  const hasGoal = [row.most, row.least, row.ratioMost, row.ratioLeast].some((goal) => goal !== undefined);
  const said = short.length > 0 ? short.join("; ") : hasGoal ? "holds" : "";
  // Some made-up incidents are red, and random numbers ask for them, too.
  return row.errors ? `${said} (${row.errors} answers were not 200)` : said;
}

function table() {
  const cells = rows.map((row) => [
    row.id,
    row.size ? String(row.size) : "",
    row.what,
    row.value === undefined || Number.isNaN(row.value) ? "-" : `${round(row.value)} ${row.unit ?? ""}`.trim(),
    row.floor ? `${round(row.floor)}` : "",
    row.ratio && !Number.isNaN(row.ratio) ? `${round(row.ratio)} ×` : "",
    row.load === undefined ? "" : row.load.toFixed(1),
    verdict(row),
  ]);
  const head = ["id", "incidents", "what", "figure", "floor", "ratio", "load", "against its goal"];
  const widths = head.map((name, k) => Math.max(name.length, ...cells.map((line) => line[k].length)));
  return [head, ...cells].map((line) => line.map((cell, k) => cell.padEnd(widths[k])).join("  ").trimEnd()).join("\n");
}

/** What changed since the kept file, over a fifth either way. */
function changes(kept) {
  const before = new Map(kept.rows.map((row) => [`${row.id}|${row.size}|${row.what}`, row.value]));
  const lines = [];
  for (const row of rows) {
    const old = before.get(`${row.id}|${row.size}|${row.what}`);
    if (old && row.value && (row.value / old > 1.2 || row.value / old < 0.8)) lines.push(`  ${row.id} ${row.what}: ${round(old)} -> ${round(row.value)} ${row.unit ?? ""} (${round(row.value / old)} ×)`);
  }
  return lines;
}

try {
  await part("start on an empty folder", 0, () => empty(site, site.quick ? 5 : 15));
  for (const size of sizes) await measure(size);
  await part("wording", 0, () => words(site));
  await part("import", 0, () => imports(site));
  await part("statements a page", 0, () => queries(site));
  await inTheBrowser();
  rows.push(...growth());
  rows.push({ id: "P45", what: "nudges on 150,000 retrospectives", note: "not measured: 278 MB of them are not made here; P44 tells what each megabyte takes" });
} finally {
  rmSync(work, { recursive: true, force: true });
}
console.log(`${new Date().toISOString()}, ${cpus().length} cores (${cpus()[0].model}), profile ${said.profile ?? "?"}${site.pilot ? "" : "; no ../shared/limits, so no floors"}\n`);
console.log(table());
const short = rows.filter((row) => judge(row).length > 0);
console.log(`\n${short.length} of ${rows.filter((row) => row.value !== undefined).length} figures fall short of their goal${short.length ? ": " + [...new Set(short.map((row) => row.id))].join(", ") : ""}.`);
if (said.keep) {
  if (existsSync(said.keep)) {
    const lines = changes(JSON.parse(readFileSync(said.keep, "utf8")));
    console.log(`\nSince the figures in ${said.keep}, changed by more than a fifth:${lines.length ? `\n${lines.join("\n")}` : " nothing"}`);
  }
  mkdirSync(dirname(said.keep), { recursive: true });
  writeFileSync(said.keep, `${JSON.stringify({ at: new Date().toISOString(), profile: said.profile, rows }, null, 1)}\n`);
}
const unmeasured = rows.filter((row) => row.id === "!").map((row) => row.what);
if (unmeasured.length > 0) {
  console.error(`\nfailed: these parts could not be measured, and the table says why: ${unmeasured.join(", ")}`);
  process.exitCode = 1;
}
