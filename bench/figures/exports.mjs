// P42, P43 and P48: everything out, as streams; the server's memory while they run.

import { memory, now, peak } from "../lib.mjs";

async function drain(url, cookie) {
  const began = now();
  const answer = await fetch(url, { headers: { cookie } });
  if (!answer.ok) throw new Error(`GET ${url} answers ${answer.status}`);
  let [bytes, first] = [0, 0];
  for await (const chunk of answer.body) {
    first ||= now() - began;
    bytes += chunk.length;
  }
  return { bytes, first, ms: now() - began };
}

export async function exports(site, size, server) {
  const rows = [];
  const before = memory(server.pid, "RssAnon");
  let bytes = 0;
  let ms = 0;
  let first = 0;
  const { most } = await peak(server.pid, async () => {
    for (const noun of ["incidents", "evidence", "timeline"]) {
      const one = await drain(`${server.base}/api/v1/export/${noun}.ndjson`, size.cookie);
      bytes += one.bytes;
      ms += one.ms;
      first ||= one.first;
    }
  });
  rows.push({ id: "P43", what: "NDJSON of incidents, evidence, timelines", value: bytes / 1e6 / (ms / 1000), unit: "MB/s", least: 50 });
  rows.push({ id: "P43b", what: "memory that takes", value: most - before, unit: "MB", most: 20 });
  rows.push({ id: "P42", what: "first byte of it", value: first, unit: "ms", most: 20 });
  return rows;
}
