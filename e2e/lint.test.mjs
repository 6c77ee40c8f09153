// `afterword lint` as the commit hook and the workflow of docs/nudges/ call it, on real files.

import assert from "node:assert";
import { execFile, spawn } from "node:child_process";
import { mkdir, mkdtemp, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { before, test } from "node:test";

import { BINARY } from "./harness/afterword.mjs";

const DOCS = resolve(import.meta.dirname, "../docs/nudges");
const BLAMED = "# Checkout\n\n## Lessons learned\n\nSomeone dropped the ball on the renewal.\n";
let folder;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "afterword-lint-"));
  await mkdir(join(folder, "postmortems"));
  await writeFile(join(folder, "postmortems/old.md"), BLAMED);
});

/** A line of bash in the folder, in which `afterword` is the binary. */
function shell(line) {
  const script = `afterword() { "${BINARY}" "$@"; }; ${line}`;
  return new Promise((done) => {
    execFile("bash", ["-c", script], { cwd: folder, env: { PATH: process.env.PATH } }, (error, stdout, stderr) =>
      done({ code: error?.code ?? 0, stdout, stderr }),
    );
  });
}

test("the commit hook refuses a new warning and lets a clean text pass", async () => {
  const hook = await readFile(join(DOCS, "pre-commit-hooks.yaml"), "utf8");
  const entry = /^ {2}entry: (.+)$/m.exec(hook)[1];
  const refused = await shell(`${entry} postmortems/old.md`);
  assert.equal(refused.code, 9, refused.stderr);
  assert.match(refused.stdout, /warn\[blame-individual\]/);
  await writeFile(join(folder, "clean.md"), "# Checkout\n\nThe certificate expired at 08:02 UTC.\n");
  const passed = await shell(`${entry} clean.md`);
  assert.equal(passed.code, 0, passed.stdout);
});

test("the workflow shows what is new beside its line and fails nothing", async () => {
  const workflow = await readFile(join(DOCS, "github-workflow.yml"), "utf8");
  const line = /run: (afterword lint .+)$/m.exec(workflow)[1];
  const written = await shell("afterword lint postmortems/ --write-baseline postmortems/nudges-baseline.json");
  assert.equal(written.code, 0, written.stderr);
  await writeFile(join(folder, "postmortems/new.md"), "## Lessons learned\n\nHe was at fault.\n");
  const said = await shell(line);
  assert.equal(said.code, 0, said.stderr);
  const lines = said.stdout.trim().split("\n");
  assert.equal(lines.length, 1, said.stdout);
  assert.match(lines[0], /^::warning file=postmortems\/new\.md,line=3,endLine=3,col=\d+,endColumn=\d+,title=blame-individual::/);
});

test("settings are found upward, a comment with a reason silences, standard input is read", async () => {
  await mkdir(join(folder, "quiet/inner"), { recursive: true });
  await writeFile(join(folder, "quiet/nudges.toml"), 'silence = ["blame-individual"]\n');
  await writeFile(join(folder, "quiet/inner/a.md"), BLAMED);
  const quiet = await shell("afterword lint quiet/inner --json");
  assert.deepEqual(JSON.parse(quiet.stdout).files[0].nudges, []);
  const said = await shell("printf '## Lessons\\n\\n<!-- nudge ignore blame-individual: their words -->\\nHe was at fault.\\n' | afterword lint - --json");
  assert.deepEqual(JSON.parse(said.stdout).files[0].nudges, []);
  const wrong = await shell("afterword lint --explain nowhere");
  assert.equal(wrong.code, 2);
});

test("a watched file is checked again when it changes", async () => {
  const file = join(folder, "watched.md");
  await writeFile(file, "# Checkout\n");
  const child = spawn(BINARY, ["lint", "watched.md", "--watch"], { cwd: folder, env: { PATH: process.env.PATH } });
  let said = "";
  child.stdout.on("data", (chunk) => (said += chunk));
  child.stderr.on("data", (chunk) => (said += chunk));
  const until = async (what) => {
    for (let k = 0; k < 200 && !what.test(said); k += 1) await new Promise((done) => setTimeout(done, 50));
    assert.match(said, what);
  };
  try {
    await until(/0 warnings/);
    await new Promise((done) => setTimeout(done, 600));
    await writeFile(file, BLAMED);
    await until(/blame-individual/);
  } finally {
    child.kill("SIGKILL");
  }
});
