// What every figure stands on: processes and their first answer, a signed-in visitor, wrk, /proc, and how
// a row of the table is made. A figure is what was measured; whether it holds is arithmetic on it.

import { spawn, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import http from "node:http";
import { createServer } from "node:net";

/** The middle of some numbers; of none, NaN. */
export const median = (numbers) => percentile(numbers, 50);

/** The p-th percentile of some numbers, by nearest rank. */
export function percentile(numbers, p) {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil((sorted.length * p) / 100) - 1)] ?? NaN;
}

export const later = (ms) => new Promise((done) => setTimeout(done, ms));
export const now = () => performance.now();

/** A port of 127.0.0.1 that nobody listens on now. */
export function freePort() {
  return new Promise((done, failed) => {
    const server = createServer();
    server.once("error", failed);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => done(port));
    });
  });
}

/** One GET without a library in between: `{ status, bytes, ms }`. */
export function get(base, path, headers = {}, agent = undefined) {
  return new Promise((done, failed) => {
    const began = now();
    const request = http.get(`${base}${path}`, { headers, agent }, (response) => {
      let bytes = 0;
      let first = 0;
      const chunks = [];
      response.on("data", (chunk) => {
        first ||= now() - began;
        bytes += chunk.length;
        if (bytes < 4e6) chunks.push(chunk);
      });
      response.on("end", () =>
        done({ status: response.statusCode, headers: response.headers, bytes, first, ms: now() - began, text: () => Buffer.concat(chunks).toString() }),
      );
    });
    request.on("error", failed);
  });
}

/** Starts a server and waits for its first answer below 500: `{ ms, pid, base, stop, kill, said }`. */
export async function start(command, args, base, path = "/healthz", env = {}) {
  const began = now();
  const plain = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("AFTERWORD_")));
  const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"], env: { ...plain, ...env } });
  let said = "";
  child.stdout.on("data", (chunk) => (said += chunk));
  child.stderr.on("data", (chunk) => (said = (said + chunk).slice(-20_000)));
  const ended = new Promise((done) => child.once("exit", (code, signal) => done({ code, signal })));
  for (;;) {
    const answer = await get(base, path).catch(() => undefined);
    if (answer && answer.status < 500) break;
    if (child.exitCode !== null || now() - began > 120_000) throw new Error(`${command} ${args.join(" ")} did not come up:\n${said}`);
    await later(0.5);
  }
  const ms = now() - began;
  const end = async (signal) => {
    const at = now();
    child.kill(signal);
    const how = await ended;
    return { ...how, ms: now() - at };
  };
  return { ms, pid: child.pid, base, said: () => said, stop: () => end("SIGTERM"), kill: () => end("SIGKILL"), ended };
}

/** A field of /proc/PID/status in MB. */
export function memory(pid, field) {
  const line = readFileSync(`/proc/${pid}/status`, "utf8").split("\n").find((one) => one.startsWith(`${field}:`));
  return line ? Number(line.split(/\s+/)[1]) / 1024 : NaN;
}

/** The highest RssAnon while `work` runs, in MB. */
export async function peak(pid, work) {
  let most = 0;
  let going = true;
  const watch = (async () => {
    while (going) {
      most = Math.max(most, memory(pid, "RssAnon"));
      await later(20);
    }
  })();
  try {
    const result = await work();
    return { result, most: Math.max(most, memory(pid, "RssAnon")) };
  } finally {
    going = false;
    await watch;
  }
}

/** Runs a command to its end. */
export function run(command, args, options = {}) {
  const began = now();
  const done = spawnSync(command, args, { encoding: "utf8", maxBuffer: 1 << 28, ...options });
  return { code: done.status, out: done.stdout ?? "", err: done.stderr ?? "", ms: now() - began };
}

/** Runs a command to its end while other things go on. */
export function runBeside(command, args, options = {}) {
  const began = now();
  return new Promise((done, failed) => {
    const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"], ...options });
    let [out, err] = ["", ""];
    child.stdout.on("data", (chunk) => (out += chunk));
    child.stderr.on("data", (chunk) => (err += chunk));
    child.once("error", failed);
    child.once("exit", (code) => done({ code, out, err, ms: now() - began }));
  });
}

/** wrk on one address: `{ rate, p50, p99, errors }`, times in ms. */
export function wrk(base, path, { connections = 1, seconds = 3, cookie = "", lua = "" } = {}) {
  const threads = connections > 1 ? 2 : 1;
  const args = [`-t${threads}`, `-c${connections}`, `-d${seconds}s`, "--latency"];
  if (cookie) args.push("-H", `Cookie: ${cookie}`);
  if (lua) args.push("-s", lua);
  const { out } = run("wrk", [...args, `${base}${path}`]);
  const time = (text) => {
    const [, number, unit] = /([\d.]+)(us|ms|s)/.exec(text ?? "") ?? [];
    return Number(number) * { us: 0.001, ms: 1, s: 1000 }[unit];
  };
  return {
    rate: Number(/Requests\/sec:\s+([\d.]+)/.exec(out)?.[1] ?? NaN),
    // The line of its own: a share of standard deviations may end in 50 %, too.
    p50: time(/^\s+50%\s+(\S+)/m.exec(out)?.[1]),
    p99: time(/^\s+99%\s+(\S+)/m.exec(out)?.[1]),
    errors: Number(/Non-2xx or 3xx responses: (\d+)/.exec(out)?.[1] ?? 0),
  };
}

/** Times of `paths`, one after the other over one connection, to the first byte of the answer in ms. */
export async function times(base, paths, cookie) {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  const found = [];
  for (const path of paths) {
    const answer = await get(base, path, { cookie, accept: "text/html" }, agent);
    if (answer.status !== 200) throw new Error(`GET ${path} answers ${answer.status}`);
    found.push(answer.first);
  }
  agent.destroy();
  return found;
}

/** Opens a set-up link as the first administrator; gives the cookie of the session. */
export async function becomeAdministrator(server) {
  const link = /^set-up\s+(http\S+)$/m.exec(server.said())?.[1];
  if (!link) throw new Error(`no set-up link:\n${server.said()}`);
  const form = new URLSearchParams({ name: "Ada Okafor", email: "ada@example.org", password: "an honest sentence", handle: "ada", zone: "" });
  const answer = await fetch(link, { method: "POST", body: form, redirect: "manual", headers: { origin: server.base } });
  const cookie = answer.headers.getSetCookie().map((one) => one.split(";")[0]).join("; ");
  if (answer.status !== 303 || !cookie) throw new Error(`the set-up form answers ${answer.status}`);
  return cookie;
}

/** Signs in as the administrator that `demo-data` made; gives the cookie. */
export async function signIn(base) {
  const form = new URLSearchParams({ email: "made-ada-1@example.org", password: "afterword-demo" });
  const answer = await fetch(`${base}/sign-in`, { method: "POST", body: form, redirect: "manual", headers: { origin: base } });
  const cookie = answer.headers.getSetCookie().map((one) => one.split(";")[0]).join("; ");
  if (answer.status !== 303 || !cookie) throw new Error(`signing in answers ${answer.status}`);
  return cookie;
}

/** Whether a row's goal holds: `at most` or `at least` on the value, and on the ratio to the floor. */
export function judge(row) {
  const short = [];
  const test = (name, value, most, least) => {
    if (value === undefined || Number.isNaN(value)) return;
    if (most !== undefined && value > most) short.push(`${name} ${round(value)} is over ${most} by ${round(value / most)} ×`);
    if (least !== undefined && value < least) short.push(`${name} ${round(value)} is under ${least} by ${round(least / value)} ×`);
  };
  test("the figure", row.value, row.most, row.least);
  test("the ratio", row.ratio, row.ratioMost, row.ratioLeast);
  return short;
}

export const round = (value) => (Math.abs(value) >= 100 ? Math.round(value) : Number(value.toPrecision(3)));
