// P51 to P55: what a browser asks for and gets, in Chromium with an empty profile; and Lighthouse.

import { spawnSync } from "node:child_process";
import { chromium } from "playwright-core";

const ARGS = ["--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];

/** What each of `paths` costs somebody who has signed in and seen nothing else but that. */
async function visit(browser, base, paths) {
  const context = await browser.newContext({ baseURL: base, viewport: { width: 412, height: 823 } });
  const page = await context.newPage();
  await page.goto("/sign-in");
  await page.fill('[name="email"]', "ada@demo.example");
  await page.fill('[name="password"]', "afterword-demo");
  await Promise.all([page.waitForURL((url) => url.pathname !== "/sign-in"), page.press('[name="password"]', "Enter")]);
  const client = await context.newCDPSession(page);
  await client.send("Network.enable");
  // What the sign-in page brought is asked for again, as on a first visit.
  await client.send("Network.clearBrowserCache");
  const visits = [];
  let seen = { requests: 0, bytes: 0, script: 0, foreign: 0 };
  const kinds = new Map();
  client.on("Network.requestWillBeSent", ({ requestId, type, request }) => {
    kinds.set(requestId, type);
    if (!request.url.startsWith(base) && !request.url.startsWith("data:")) seen.foreign += 1;
  });
  // What comes from a cache in memory or on disk was not asked of the server.
  const kept = new Set();
  client.on("Network.requestServedFromCache", ({ requestId }) => kept.add(requestId));
  client.on("Network.responseReceived", ({ requestId, response }) => {
    if (!response.fromDiskCache && !kept.has(requestId) && !response.url.startsWith("data:")) seen.requests += 1;
  });
  client.on("Network.loadingFinished", ({ requestId, encodedDataLength }) => {
    seen.bytes += encodedDataLength;
    if (kinds.get(requestId) === "Script") seen.script += encodedDataLength;
  });
  for (const path of paths) {
    seen = { requests: 0, bytes: 0, script: 0, foreign: 0 };
    await page.goto(path, { waitUntil: "networkidle" });
    visits.push(seen);
    await page.waitForTimeout(200);
  }
  await context.close();
  return visits;
}

export async function browser(site, demo) {
  const one = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", chromiumSandbox: false, args: ARGS });
  try {
    const [cold, second] = await visit(one, demo.base, ["/i/INC-9", "/i/INC-12"]);
    const [reading] = await visit(one, demo.base, ["/r/INC-9"]);
    const [editor] = await visit(one, demo.base, ["/r/INC-8/edit"]);
    return [
      { id: "P51", what: "incident page, cold: requests", value: cold.requests, unit: "", most: 4 },
      { id: "P51b", what: "incident page, cold: on the wire", value: cold.bytes / 1000, unit: "kB", most: 40 },
      { id: "P51c", what: "of which script", value: cold.script / 1000, unit: "kB", most: 8 },
      { id: "P51d", what: "reading view, cold: on the wire", value: reading.bytes / 1000, unit: "kB", most: 40 },
      { id: "P52", what: "editor page: script", value: editor.script / 1000, unit: "kB", most: 110 },
      { id: "P53", what: "second page: requests", value: second.requests, unit: "", most: 1 },
      { id: "P53b", what: "second page: on the wire", value: second.bytes / 1000, unit: "kB", most: 12 },
      { id: "P55", what: "requests to any other host", value: cold.foreign + second.foreign + reading.foreign + editor.foreign, unit: "", most: 0 },
    ];
  } finally {
    await one.close();
  }
}

/** P54: Lighthouse, mobile, on four pages: the lowest of the four categories of each. */
export function lighthouse(site, demo, cookie, runs) {
  const rows = [];
  for (const [name, path, signedIn] of [["sign-in", "/sign-in", false], ["list", "/incidents", true], ["incident", "/i/INC-9", true], ["reading view", "/r/INC-9", true]]) {
    const scores = [];
    for (let k = 0; k < runs; k += 1) {
      const headers = signedIn ? [`--extra-headers=${JSON.stringify({ Cookie: cookie })}`] : [];
      const flags = "--chrome-flags=--headless=new --no-sandbox --disable-gpu --disable-background-networking";
      const done = spawnSync(site.lighthouse, [`${demo.base}${path}`, "--output=json", "--quiet", ...headers, flags], {
        encoding: "utf8", maxBuffer: 1 << 27, env: { ...process.env, CHROME_PATH: process.env.CHROMIUM ?? "/usr/bin/chromium" },
      });
      if (done.status !== 0) return [{ id: "P54", what: "Lighthouse", note: `not measured: ${done.stderr.slice(-200)}` }];
      const { categories } = JSON.parse(done.stdout);
      scores.push(Math.min(...Object.values(categories).map((one) => one.score)) * 100);
    }
    scores.sort((a, b) => a - b);
    rows.push({ id: "P54", what: `Lighthouse, ${name}: lowest of four`, value: scores[Math.floor(scores.length / 2)], unit: "", least: 100 });
  }
  return rows;
}

