// P26: how many statements a page costs, counted by PostgreSQL's own log and not by us.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";

import { freePort, get, later, run, signIn, start } from "../lib.mjs";

const ROOT = resolve(import.meta.dirname, "../..");

export async function queries(site) {
  const versions = existsSync("/usr/lib/postgresql") ? readdirSync("/usr/lib/postgresql") : [];
  if (versions.length === 0) return [{ id: "P26", what: "statements a page", note: "not measured: PostgreSQL is not installed; tools/need postgres" }];
  const psql = `/usr/lib/postgresql/${versions.at(-1)}/bin/psql`;
  const server = run(join(ROOT, "tools/test-postgres"), []).out.trim().split("\n").at(-1);
  const name = `afterword_bench_${process.pid}`;
  const sql = (text) => run(psql, ["-X", "-q", "-v", "ON_ERROR_STOP=1", server, "-c", text]);
  sql(`create database ${name}`);
  sql(`alter database ${name} set log_statement = 'all'`);
  sql(`alter database ${name} set log_min_messages = 'log'`);
  const log = `${process.env.AFTERWORD_TEST_POSTGRES_DIR ?? `/tmp/afterword-test-postgres-${process.getuid()}`}/postgres.log`;
  // The index follows the record all the time; what it asks is no page's.
  const followed = /from activity where n > \$1 order by n limit/;
  const statements = () => readFileSync(log, "utf8").split(/\n(?=\d{4}-)/).filter((line) => /LOG: {2}(execute|statement)/.test(line) && !/BEGIN|COMMIT|ROLLBACK/i.test(line) && !followed.test(line.replace(/\s+/g, " "))).length;
  const port = await freePort();
  const url = server.replace(/\/[^/]*$/, `/${name}`);
  const base = `http://127.0.0.1:${port}`;
  const folder = join(site.work, "data-pg");
  const args = ["--data", folder, "--database-url", url];
  let product;
  try {
    const filled = run(site.binary, ["demo-data", ...args, "--incidents", "60", "--events", "2000", "--seed", "7"]);
    if (filled.code !== 0) throw new Error(`demo-data: ${filled.err.trim().split("\n").at(-1)}`);
    product = await start(site.binary, ["serve", ...args, "--listen", `127.0.0.1:${port}`], base);
    const cookie = await signIn(base);
    // The index is made of what is new first; what it asks now and then is not the page's.
    await later(8000);
    const rows = [];
    // One that has a retrospective, and one that waits for the decision about its review.
    const one = (has) => run(psql, ["-X", "-q", "-t", "-A", url, "-c", `select min(number) from incidents i where label <> 'red' and status = 'closed' and ${has} exists (select 1 from retrospectives r where r.incident_id = i.id)`]).out.trim();
    for (const [path, most] of [[`/i/INC-${one("")}`, 8], [`/i/INC-${one("not")}`, 8], ["/incidents", 4], ["/actions", 4], ["/risks", 4], ["/retros", 4], ["/", 10]]) {
      await get(base, path, { cookie, accept: "text/html" });
      await later(300);
      const before = statements();
      await get(base, path, { cookie, accept: "text/html" });
      await later(300);
      rows.push({ id: "P26", what: `statements for ${path}, the session's too`, value: statements() - before, unit: "", most });
    }
    return rows;
  } finally {
    await product?.stop();
    sql(`drop database if exists ${name} with (force)`);
  }
}
