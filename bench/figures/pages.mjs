// P21 to P25: pages and the API over the full database, beside the pilot's page of 200 events.

import { writeFileSync } from "node:fs";
import { join } from "node:path";

import { freePort, run, start, wrk } from "../lib.mjs";

/** The numbers of the incidents that who asks may see: some made-up ones are red, and 404 for everybody else. */
function seen(site, size) {
  const { out, code } = run(site.binary, ["sql", "--data", size.folder, "--json", "select number from incidents where label <> 'red'"]);
  if (code !== 0) throw new Error("afterword sql does not answer");
  return JSON.parse(out).map((row) => row.number);
}

/** A wrk script that asks for a random incident each time. */
function randomly(site, size, before) {
  const path = join(site.work, `random-${size.incidents}-${before.replaceAll("/", "_")}.lua`);
  size.seen ??= seen(site, size);
  writeFileSync(path, `local seen = { ${size.seen.join(",")} }\nfunction init() math.randomseed(7) end\nfunction request() return wrk.format("GET", "${before}" .. seen[math.random(1, #seen)]) end\n`);
  return path;
}

/** The pilot's own page over its own database of the same size, when both are there. */
async function pilotPage(site, size, connections) {
  if (!site.pilot || !size.pilotDb) return undefined;
  const port = await freePort();
  const server = await start(site.pilot, [`127.0.0.1:${port}`, site.work, size.pilotDb, "2"], `http://127.0.0.1:${port}`, "/");
  const lua = join(site.work, "pilot.lua");
  writeFileSync(lua, `function request() return wrk.format("GET", "/incident/" .. math.random(0, ${size.incidents - 1})) end\n`);
  const figure = wrk(server.base, "/", { connections, seconds: site.seconds, lua });
  await server.stop();
  return figure;
}

export async function pages(site, size, server) {
  const { cookie } = size;
  const seconds = site.seconds;
  const incident = randomly(site, size, "/i/INC-");
  const one = wrk(server.base, "/", { connections: 1, seconds, cookie, lua: incident });
  const many = wrk(server.base, "/", { connections: 16, seconds, cookie, lua: incident });
  const floorOne = await pilotPage(site, size, 1);
  const floorMany = await pilotPage(site, size, 16);
  const rows = [
    { id: "P21", what: "incident page, c1, p50", value: one.p50, unit: "ms", floor: floorOne?.p50, ratio: floorOne && one.p50 / floorOne.p50, ratioMost: 6, most: 0.5, grows: 1.25, errors: one.errors },
    { id: "P21b", what: "incident page, c1, p99", value: one.p99, unit: "ms", floor: floorOne?.p99, most: 10 },
    { id: "P22", what: "incident pages a second, c16", value: many.rate, unit: "1/s", floor: floorMany?.rate, ratio: floorMany && many.rate / floorMany.rate, ratioLeast: 0.25, errors: many.errors },
  ];
  const lists = ["/incidents", "/incidents?status=resolved", "/incidents?severity=1", "/retros", "/actions", "/risks"];
  for (const path of lists) {
    const list = wrk(server.base, path, { connections: 1, seconds, cookie });
    rows.push({ id: "P23", what: `list ${path}, p50`, value: list.p50, unit: "ms", most: 1, grows: path === "/incidents" ? 1.25 : undefined, errors: list.errors });
  }
  const record = wrk(server.base, "/", { connections: 1, seconds, cookie, lua: randomly(site, size, "/api/v1/incidents/INC-") });
  const list = wrk(server.base, "/api/v1/incidents?limit=100", { connections: 1, seconds, cookie });
  rows.push({ id: "P25", what: "JSON of one incident, p50", value: record.p50, unit: "ms", floor: floorOne?.p50, ratio: floorOne && record.p50 / floorOne.p50, ratioMost: 5, grows: 1.25, errors: record.errors });
  rows.push({ id: "P25b", what: "JSON list of 100, p50", value: list.p50, unit: "ms", most: 2, errors: list.errors });
  return rows;
}
