// Starts the built binary with its demo organisation in a folder of its own, on a free port.

import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const ROOT = resolve(import.meta.dirname, "../..");
export const BINARY = process.env.AFTERWORD_BIN ?? join(ROOT, "target/debug/afterword");

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

/** The environment without settings of Afterword's own: the tests' and the developer's are not the site's. */
function plainEnvironment() {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("AFTERWORD_")));
}

/** A folder that is removed by the returned server's `stop`. */
export function emptyFolder() {
  return mkdtemp(join(tmpdir(), "afterword-e2e-"));
}

/**
 * Runs `afterword demo` (or `serve`) and waits until it answers.
 * Returns `{ base, data, pid, said, run, stop }`: where it is, its folder and process, what it has printed so far, a way
 * to run another command of the same binary, and its end.
 */
export async function startAfterword(command = "demo") {
  if (!existsSync(BINARY)) {
    throw new Error(`${BINARY} is not built; run: cargo build -p afterword (or set AFTERWORD_BIN)`);
  }
  const data = await emptyFolder();
  const port = await freePort();
  const base = `http://127.0.0.1:${port}`;
  const child = spawn(BINARY, [command, "--data", data, "--listen", `127.0.0.1:${port}`], {
    stdio: ["ignore", "pipe", "pipe"],
    cwd: data,
    env: plainEnvironment(),
  });
  const lines = [];
  const keep = (chunk) => lines.push(chunk.toString());
  child.stdout.on("data", keep);
  child.stderr.on("data", keep);
  const ended = new Promise((done) => child.once("exit", (code, signal) => done({ code, signal })));

  const stop = async () => {
    child.kill("SIGTERM");
    const late = setTimeout(() => child.kill("SIGKILL"), 10_000);
    const how = await ended;
    clearTimeout(late);
    await rm(data, { recursive: true, force: true });
    return how;
  };
  const said = () => lines.join("");
  try {
    await untilHealthy(base, child, said);
  } catch (error) {
    await stop();
    throw error;
  }
  return { base, data, pid: child.pid, said, run: (...args) => run(args, data), stop };
}

async function untilHealthy(base, child, said) {
  const end = Date.now() + 120_000;
  while (Date.now() < end) {
    if (child.exitCode !== null) throw new Error(`afterword ended with ${child.exitCode}:\n${said()}`);
    const healthy = await fetch(`${base}/healthz`).then((r) => r.ok, () => false);
    if (healthy) return;
    await new Promise((later) => setTimeout(later, 25));
  }
  throw new Error(`afterword did not answer ${base}/healthz within two minutes:\n${said()}`);
}

/** Runs another command of the binary to its end: `{ code, stdout, stderr }`. */
export function run(args, cwd, env = {}) {
  return new Promise((done, failed) => {
    const child = spawn(BINARY, args, { cwd, env: { ...plainEnvironment(), ...env }, stdio: ["ignore", "pipe", "pipe"] });
    let stdout = "";
    let stderr = "";
    child.stdout.on("data", (chunk) => (stdout += chunk));
    child.stderr.on("data", (chunk) => (stderr += chunk));
    child.once("error", failed);
    child.once("exit", (code) => done({ code, stdout, stderr }));
  });
}
