// P33, P34, P07: a Slack export of 100,000 messages through the running server, again, and the page that has it.

import { createWriteStream } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";

import { becomeAdministrator, freePort, median, peak, run, runBeside, start, times } from "../lib.mjs";

const WORDS = "deploy rollback checkout latency error timeout database pool cache node restart graph customer ticket alert page config flag queue worker shard replica".split(" ");

/** A Slack export folder with `count` messages in one channel, a day file for each day. */
async function slackFolder(folder, count) {
  await rm(folder, { recursive: true, force: true });
  await mkdir(join(folder, "inc-bench"), { recursive: true });
  const write = async (name, text) => {
    const out = createWriteStream(join(folder, name));
    out.end(text);
    await new Promise((done) => out.on("finish", done));
  };
  await write("channels.json", JSON.stringify([{ id: "C1", name: "inc-bench", created: 1, members: [] }]));
  await write("users.json", JSON.stringify(Array.from({ length: 40 }, (_, k) => ({ id: `U${k}`, name: `user${k}`, profile: { display_name: `user${k}` } }))));
  let seed = 7;
  const chance = (n) => (seed = (seed * 1103515245 + 12345) % 2147483648) % n;
  const days = new Map();
  for (let k = 0; k < count; k += 1) {
    const at = 1780000000 + k * 9;
    const day = new Date(at * 1000).toISOString().slice(0, 10);
    const text = Array.from({ length: 12 + chance(30) }, () => WORDS[chance(WORDS.length)]).join(" ");
    const message = { type: "message", user: `U${chance(40)}`, ts: `${at}.${String(k % 1000000).padStart(6, "0")}`, text: `${text} #${k}` };
    days.set(day, [...(days.get(day) ?? []), message]);
  }
  for (const [day, messages] of days) await write(join("inc-bench", `${day}.json`), JSON.stringify(messages));
}

export async function imports(site) {
  const count = site.quick ? 10_000 : 100_000;
  const export_ = join(site.work, "slack-export");
  await slackFolder(export_, count);
  const zip = join(site.work, "slack.zip");
  const zipped = run("python3", ["-c", "import shutil,sys; shutil.make_archive(sys.argv[1], 'zip', sys.argv[2])", zip.slice(0, -4), export_]);
  if (zipped.code !== 0) return [{ id: "P33", what: `import of ${count} messages`, note: "not measured: python3 is needed to make the zip" }];
  const data = join(site.work, "import-data");
  const port = await freePort();
  const server = await start(site.binary, ["serve", "--data", data, "--listen", `127.0.0.1:${port}`], `http://127.0.0.1:${port}`);
  try {
    const cookie = await becomeAdministrator(server);
    const environment = { ...process.env, HOME: site.work, XDG_CONFIG_HOME: site.work, AFTERWORD_URL: server.base, AFTERWORD_TOKEN: cookie.split("=").slice(1).join("=") };
    const page = await (await fetch(`${server.base}/incidents/new`, { headers: { cookie } })).text();
    const csrf = /name="csrf" content="([^"]+)"/.exec(page)?.[1] ?? "";
    const form = new URLSearchParams({ _csrf: csrf, title: "A long night", kind: "outage", severity: "2" });
    const made = await fetch(`${server.base}/incidents`, { method: "POST", body: form, redirect: "manual", headers: { cookie, origin: server.base } });
    const where = made.headers.get("location") ?? "";
    const key = /INC-\d+/.exec(where)?.[0];
    if (!key) throw new Error(`declaring answers ${made.status} ${where}`);
    const first = await peak(server.pid, async () => runBeside(site.binary, ["import", key, zip, "--json"], { env: environment }));
    const again = run(site.binary, ["import", key, zip, "--json"], { env: environment });
    if (first.result.code !== 0) throw new Error(`import: ${first.result.out}${first.result.err}`);
    const shown = await times(server.base, Array(40).fill(`/i/${key}`), cookie);
    const floor = site.limits ? JSON.parse(`[${run(join(site.limits, "timeline"), [site.work, String(count)]).out.trim().split("\n").join(",")}]`) : [];
    const total = floor.reduce((sum, line) => sum + (/total|all/.test(line.name) ? line.value : 0), 0);
    const ms = { ms: 1, s: 1000, us: 0.001 }[floor.at(-1)?.unit] ?? 1;
    return [
      { id: "P33", what: `Slack export of ${count} messages, in`, value: first.result.ms / 1000, unit: "s", floor: total ? (total * ms) / 1000 : undefined, ratio: total ? first.result.ms / (total * ms) : undefined, ratioMost: 2.5, most: site.quick ? undefined : 2.5 },
      { id: "P33b", what: "the same again, nothing added", value: again.ms / 1000, unit: "s", ratio: again.ms / first.result.ms, ratioMost: 1 },
      { id: "P07", what: "peak RssAnon during the import", value: first.most, unit: "MB", most: 128 },
      { id: "P34", what: "page of that incident, p50", value: median(shown), unit: "ms" },
    ];
  } finally {
    await server.stop();
  }
}
