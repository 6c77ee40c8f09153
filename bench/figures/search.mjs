// P27 to P32: what a search costs, by kind of query. The words are drawn from what the generated
// organisation says, by how many documents hold them, as the search's own counts tell.

import { percentile, run, times } from "../lib.mjs";

const CANDIDATES = "checkout database timeout deploy rollback latency error pool cache replica queue certificate disk memory dns gateway payment search login session token kafka redis postgres nginx kubernetes config flag migration shard index backup alert pager capacity throttle retry deadlock leak saturation carrier warehouse".split(" ");

/** `words` by how many incidents hold each, the rarest first. */
async function byFrequency(server, cookie) {
  const counted = [];
  for (const word of CANDIDATES) {
    const answer = await fetch(`${server.base}/api/v1/search?q=${word}`, { headers: { cookie } });
    if (!answer.ok) throw new Error(`GET /api/v1/search answers ${answer.status}`);
    const body = await answer.json();
    counted.push({ word, count: body.total ?? body.count ?? 0 });
  }
  return counted.filter((one) => one.count > 0).sort((a, b) => a.count - b.count);
}

export async function search(site, size, server) {
  const { cookie } = size;
  const words = await byFrequency(server, cookie);
  if (words.length < 6) return [{ id: "P27", what: "search", note: "not measured: the index holds too few of the words" }];
  const third = Math.floor(words.length / 3);
  const rare = words.slice(0, third).map((one) => one.word);
  const common = words.slice(-third).map((one) => one.word);
  const kinds = {
    P27: ["rare word", rare.map((w) => w), 2, 15, 1.5],
    P28: ["commonest words", common.map((w) => w), 5, 20, 6],
    P29: ["two and three words", common.map((w, k) => `${w} ${common[(k + 1) % common.length]} ${k % 2 ? rare[k % rare.length] : ""}`.trim()), 5, 25],
    P29b: ["phrase", common.map((w, k) => `"${w} ${common[(k + 3) % common.length]}"`), 5, 25],
    P30: ["as you type, a prefix", words.map((one) => `${one.word.slice(0, 3)}*`), 6, 30],
  };
  const rows = [];
  const rounds = site.quick ? 40 : 200;
  for (const [id, [name, queries, p50, p99, grows]] of Object.entries(kinds)) {
    const paths = Array.from({ length: rounds }, (_, k) => `/api/v1/search?q=${encodeURIComponent(queries[k % queries.length])}`);
    await times(server.base, paths.slice(0, queries.length), cookie);
    const found = await times(server.base, paths, cookie);
    rows.push({ id, what: `${name}, p50`, value: percentile(found, 50), unit: "ms", most: p50, grows });
    rows.push({ id: `${id}·99`, what: `${name}, p99`, value: percentile(found, 99), unit: "ms", most: p99 });
  }
  return rows;
}

/** P32: the index from nothing. */
export function reindex(site, size) {
  const done = run(site.binary, ["reindex", "--data", size.folder]);
  if (done.code !== 0) throw new Error(`reindex: ${(done.err || done.out).trim().split("\n").at(-1)}`);
  return [{ id: "P32", what: "index from nothing", value: done.ms / 1000, unit: "s" }];
}
