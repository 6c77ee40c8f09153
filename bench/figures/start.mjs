// P01 to P05, P60: from spawn to the first answer, the end, memory at rest; in turn with the bare pilot.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { freePort, get, later, median, memory, start } from "../lib.mjs";

async function once(binary, args, port, path) {
  const server = await start(binary, args, `http://127.0.0.1:${port}`, path);
  return server;
}

/** The pilot's start in ms, or nothing where its binary is not built. */
async function pilotStart(site) {
  if (!site.pilot) return undefined;
  const folder = await mkdtemp(join(tmpdir(), "bench-pilot-"));
  const port = await freePort();
  const server = await once(site.pilot, [`127.0.0.1:${port}`, folder], port, "/");
  await server.stop();
  await rm(folder, { recursive: true, force: true });
  return server.ms;
}

/** P01, and P04 when idle. */
export async function empty(site, rounds) {
  const [ours, floors, stops] = [[], [], []];
  for (let round = 0; round < rounds; round += 1) {
    const floor = await pilotStart(site);
    if (floor) floors.push(floor);
    const folder = await mkdtemp(join(tmpdir(), "bench-empty-"));
    const port = await freePort();
    const server = await once(site.binary, ["serve", "--data", folder, "--listen", `127.0.0.1:${port}`], port);
    ours.push(server.ms);
    stops.push((await server.stop()).ms);
    await rm(folder, { recursive: true, force: true });
  }
  return [
    { id: "P01", what: "empty folder to first answer", value: median(ours), unit: "ms", floor: median(floors), most: 60 },
    { id: "P04", what: "SIGTERM when idle", value: median(stops), unit: "ms", most: 50 },
  ];
}

/** P02, P03, P05 on a full folder. */
export async function full(site, size, rounds) {
  const [ours, ratios, anon, rss] = [[], [], [], []];
  for (let round = 0; round < rounds; round += 1) {
    const floor = await pilotStart(site);
    const port = await freePort();
    const server = await once(site.binary, ["serve", "--data", size.folder, "--listen", `127.0.0.1:${port}`], port);
    ours.push(server.ms);
    if (floor) ratios.push(server.ms / floor);
    await later(1500);
    anon.push(memory(server.pid, "RssAnon"));
    rss.push(memory(server.pid, "VmRSS"));
    await server.stop();
  }
  const killed = [];
  for (let round = 0; round < Math.min(3, rounds); round += 1) {
    const port = await freePort();
    const args = ["serve", "--data", size.folder, "--listen", `127.0.0.1:${port}`];
    const server = await once(site.binary, args, port);
    await get(server.base, "/healthz");
    await server.kill();
    const again = await once(site.binary, args, port);
    killed.push(again.ms);
    await again.stop();
  }
  return [
    { id: "P02", what: "full folder to first answer", value: median(ours), unit: "ms", ratio: median(ratios), ratioMost: 4, most: 25, grows: 1.1 },
    { id: "P03", what: "first answer after kill -9", value: median(killed), unit: "ms", most: 500 },
    { id: "P05", what: "memory at rest, RssAnon", value: median(anon), unit: "MB", most: 12, grows: 1.2 },
    { id: "P05b", what: "memory at rest, VmRSS", value: median(rss), unit: "MB", most: 30 },
  ];
}
