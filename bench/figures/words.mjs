// P44, P45 and section 6 of goals.md: how often the nudges are right, and how fast they are read.

import { existsSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";

import { median, run } from "../lib.mjs";

const CORPUS = resolve(import.meta.dirname, "../../../shared/corpus");

/** All Markdown files under a folder. */
function texts(folder) {
  const inner = readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
  return inner.flatMap((one) => {
    const path = join(folder, one.name);
    return one.isDirectory() ? texts(path) : path.endsWith(".md") ? [path] : [];
  });
}

function scores(site, name, file, what) {
  const said = run(site.binary, ["lint", `--${name}`, file, "--json"]);
  if (said.code !== 0) throw new Error(`lint --${name}: ${said.err}`);
  const score = JSON.parse(said.out);
  const row = (rule, figure, value, least) => ({ id: "6", what: `${what}, ${rule}: ${figure}`, value, unit: "", least });
  const rows = score.rules.map((one) => row(one.rule, "F1", one.f1, name === "labelled" && one.right + one.missed >= 15 ? 0.75 : undefined));
  const { precision, recall, f1 } = score.sum;
  if (name === "documents") return [...rows, row("in sum", "F1", f1, 0.9)];
  const alarms = (100 * score.clean.false_alarms) / score.clean.rows;
  return [
    ...rows,
    row("in sum", "precision", precision, 0.9),
    row("in sum", "recall", recall, 0.85),
    { id: "6", what: `${what}: false alarms on clean sentences`, value: alarms, unit: "%", most: 3 },
  ];
}

/** Findings per 1,000 words on real reports; a figure to watch, without a goal. */
function density(site, files) {
  const said = run(site.binary, ["lint", ...files, "--json"]);
  const found = JSON.parse(said.out);
  const words = files.reduce((sum, file) => sum + readFileSync(file, "utf8").split(/\s+/).length, 0);
  const count = found.warnings + found.hints;
  return [
    { id: "6", what: "findings per 1,000 words of real reports", value: (1000 * count) / words, unit: "" },
    { id: "6", what: "of these, warnings", value: (1000 * found.warnings) / words, unit: "" },
  ];
}

/** The CPU-seconds that a command takes. */
function cpuSeconds(command, args) {
  const timed = run("bash", ["-c", 'TIMEFORMAT="%U %S"; time "$@" >/dev/null 2>&1', "bash", command, ...args]);
  return timed.err.trim().split(/\s+/).slice(-2).reduce((sum, one) => sum + Number(one), 0);
}

function speed(site, files) {
  const all = files.map((file) => readFileSync(file, "utf8")).join("\n\n");
  const folder = join(site.work, "words");
  mkdirSync(folder, { recursive: true });
  const small = join(folder, "small.md");
  writeFileSync(small, all.slice(0, 20_000));
  // What is found is not told, so that the engine is what is timed.
  const deep = join(folder, "large");
  mkdirSync(deep, { recursive: true });
  writeFileSync(join(deep, "nudges.toml"), 'silence = ["all"]\n');
  const large = join(deep, "large.md");
  // Each block is another one: what was read before is not read again.
  const copies = Array.from({ length: Math.ceil(20_000_000 / all.length) }, (_, k) => all.replaceAll(" the ", ` the no${k}x `));
  writeFileSync(large, copies.join("\n\n"));
  const begin = median(Array.from({ length: site.quick ? 5 : 15 }, () => run(site.binary, ["lint", small, "--format", "json"]).ms));
  const megabytes = statSync(large).size / 1e6;
  const cpu = cpuSeconds(site.binary, ["lint", large, "--format", "json"]) - cpuSeconds(site.binary, ["lint", small, "--format", "json"]);
  return [
    { id: "P44", what: "start and check a document of 20 KB", value: begin, unit: "ms", most: 20 },
    { id: "P44", what: "checking 20 MB", value: megabytes / cpu, unit: "MB a CPU-second", least: 10 },
  ];
}

export async function words(site) {
  if (!existsSync(CORPUS)) return [{ id: "6", what: "nudges", note: "not measured: ../shared/corpus is not here" }];
  const real = readdirSync(join(CORPUS, "postmortems"), { withFileTypes: true });
  const folders = real.filter((one) => one.isDirectory() && !one.name.startsWith("_") && !one.name.endsWith("-ja"));
  const files = folders.flatMap((one) => texts(join(CORPUS, "postmortems", one.name)));
  return [
    ...scores(site, "labelled", join(CORPUS, "blameless/dev.jsonl"), "sentences"),
    ...scores(site, "documents", join(CORPUS, "blameless/dev-docs.jsonl"), "documents"),
    ...density(site, files),
    ...speed(site, files),
  ];
}
