// The command line as the built binary: pipes, exit codes, a sign-in, a list, an export.

import assert from "node:assert";
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { BINARY, emptyFolder, run, startAfterword } from "./harness/afterword.mjs";

let afterword;
let home;

before(async () => {
  afterword = await startAfterword("demo");
  home = await emptyFolder();
});

after(async () => {
  await afterword?.stop();
});

/** A line of bash in which `$BIN` is the binary: `{ code, stdout, stderr }`. */
function shell(line) {
  const env = { PATH: process.env.PATH, HOME: home, BIN: BINARY };
  return new Promise((done) => {
    execFile("bash", ["-o", "pipefail", "-c", line], { env }, (error, stdout, stderr) =>
      done({ code: error?.code ?? 0, stdout, stderr }),
    );
  });
}

test("a reader that stops early is no failure, and a pipe gets no colours", async () => {
  for (const line of ["config defaults", "exit-codes", "completions bash"]) {
    const said = await shell(`"$BIN" ${line} | head -n 1`);
    assert.equal(said.code, 0, `${line}: ${said.stderr}`);
    assert.ok(!said.stdout.includes("\u001b"), line);
    const unread = await shell(`"$BIN" ${line} | true`);
    assert.equal(unread.code, 0, `${line}: ${unread.stderr}`);
    assert.equal(unread.stderr, "", line);
  }
});

test("the process answers with the numbers it lists", async () => {
  const at = (args, env = {}) => run(args, home, { HOME: home, ...env });
  assert.equal((await at(["exit-codes"])).code, 0);
  const slip = await at(["incidnts"]);
  assert.equal(slip.code, 2);
  assert.match(slip.stderr, /'incidents'/);
  assert.equal((await at(["incidents"])).code, 5, "nobody is signed in");
  const away = { AFTERWORD_URL: "http://127.0.0.1:9", AFTERWORD_TOKEN: "x" };
  assert.equal((await at(["incidents"], away)).code, 6);
});

test("one signs in and lists, reads and takes away what the demo has", async () => {
  const at = (...args) => run(args, home, { HOME: home, AFTERWORD_PASSWORD: "afterword-demo" });
  const email = /^\s+(\S+@\S+)\s/m.exec(afterword.said())?.[1];
  const signedIn = await at("login", afterword.base, "--email", email);
  assert.equal(signedIn.code, 0, signedIn.stderr);
  const list = await at("--json", "incidents", "--all");
  const items = JSON.parse(list.stdout).items;
  assert.ok(items.length > 10, list.stdout.slice(0, 200));
  const table = await at("incidents", "--limit", "3");
  assert.equal(table.stdout.trim().split("\n").length, 4, table.stdout);
  const releases = await at("--json", "incidents", "--status", "resolved", "--all");
  assert.equal(releases.code, 0, releases.stderr);
  let taken;
  for (const { key } of items) {
    const file = join(home, `${key}.md`);
    taken = await at("export", key, "-o", file);
    if (taken.code === 0) {
      assert.match(await readFile(file, "utf8"), /^# /);
      break;
    }
    assert.equal(taken.code, 4, taken.stderr);
  }
  assert.equal(taken.code, 0, "the demo has a published retrospective");
});
