// The harness itself: does it see what it is there to see? Against small pages of our own.

import assert from "node:assert";
import { existsSync } from "node:fs";
import { readdir, rm } from "node:fs/promises";
import { createServer } from "node:http";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { newContext, openBrowser } from "./harness/browser.mjs";
import { SHOTS, visit } from "./harness/visit.mjs";

const page = (body, head = "") =>
  `<!doctype html><html lang="en"><head><title>A page</title><link rel="icon" href="data:,">
   <meta name="viewport" content="width=device-width"><link rel="stylesheet" href="/a.css">${head}</head>
   <body><main><h1>A page</h1>${body}</main></body></html>`;

const PAGES = {
  "/good": page("<p>All is well.</p>"),
  "/blocked": page("<script>document.title = 'inline'</script>"),
  "/styled": page('<p style="color: red">Blocked.</p>'),
  "/error": page('<script src="/error.js"></script>'),
  "/throws": page('<script src="/throws.js"></script>'),
  "/barrier": page('<img src="/dot.svg">'),
  "/dark": page('<p class="only-dark">Hard to read in the dark.</p>'),
  "/wide": page('<p class="wide">Wide.</p>'),
  "/missing": page('<img src="/nowhere.png" alt="Nothing">'),
  "/foreign": page('<img src="http://127.0.0.2:9/x.png" alt="Elsewhere">'),
  "/moved": null,
};
const FILES = {
  "/a.css": `body { background: #fff; color: #111 } .wide { width: 600px }
    @media (prefers-color-scheme: dark) { body { background: #111; color: #eee } .only-dark { color: #333 } }`,
  "/error.js": 'console.error("something is wrong")',
  "/throws.js": "nowhere.at.all()",
  "/dot.svg": '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>',
};
const TYPES = { css: "text/css", js: "text/javascript", svg: "image/svg+xml" };

let server;
let base;
let browser;
let context;

before(async () => {
  server = createServer((request, response) => {
    const policy = request.url === "/foreign" ? "img-src *" : "default-src 'self'; img-src 'self' data:";
    const headers = { "content-security-policy": policy };
    const { url } = request;
    if (url === "/moved") return response.writeHead(302, { location: "/good" }).end();
    if (PAGES[url]) return response.writeHead(200, { ...headers, "content-type": "text/html" }).end(PAGES[url]);
    if (FILES[url]) return response.writeHead(200, { "content-type": TYPES[url.split(".").pop()] }).end(FILES[url]);
    return response.writeHead(404, { ...headers, "content-type": "text/html" }).end(page("<p>Not here.</p>"));
  });
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  base = `http://127.0.0.1:${server.address().port}`;
  browser = await openBrowser();
  context = await newContext(browser);
});

after(async () => {
  await browser?.close();
  server?.close();
  // Pictures of made-up pages are not kept beside those of the product.
  const pictures = (await readdir(SHOTS)).filter((name) => name.startsWith("harness-"));
  await Promise.all(pictures.map((name) => rm(join(SHOTS, name))));
});

test("a page that is well passes and leaves four pictures", async () => {
  await visit(context, base, "/good", { name: "harness-good" });
  for (const look of ["light-1280", "dark-1280", "light-390", "dark-390"]) {
    assert.ok(existsSync(join(SHOTS, `harness-good-${look}.png`)), look);
  }
});

test("a page that is meant to be missing passes when the status is expected", async () => {
  await visit(context, base, "/nowhere", { name: "harness-404", status: 404 });
});

for (const [path, what] of [
  ["/blocked", /Content-Security-Policy: script-src-elem blocked inline/],
  ["/styled", /Content-Security-Policy: style-src-attr blocked inline/],
  ["/error", /console error: something is wrong/],
  ["/throws", /uncaught in a script: nowhere is not defined/],
  ["/barrier", /light 1280: axe image-alt: .*img/],
  ["/dark", /dark 390: axe color-contrast/],
  ["/wide", /light 390: scrolls sideways: 6\d\d of 390 px, because of p\.wide/],
  ["/missing", /status 404: GET .*nowhere\.png/],
  ["/foreign", /request to another site: http:\/\/127\.0\.0\.2:9\/x\.png/],
  ["/nowhere", /answers 404 and not 200/],
  ["/moved", /went on to .*\/good/],
]) {
  test(`what is wrong with ${path} is seen`, async () => {
    await assert.rejects(visit(context, base, path, { name: "harness-bad" }), what);
  });
}

test("what is right in the light is not blamed for the dark", async () => {
  const failed = await visit(context, base, "/dark", { name: "harness-bad" }).catch((error) => error.message);
  assert.doesNotMatch(failed, /light \d+: axe/);
});
