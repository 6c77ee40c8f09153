// Visits a page and looks for what no page may have: console errors, blocked or failed or foreign
// requests, barriers that axe finds, a horizontal scroll on a phone. Keeps a picture of each look.

import { AssertionError } from "node:assert";
import { createRequire } from "node:module";
import { mkdir } from "node:fs/promises";
import { join, resolve } from "node:path";

const axe = createRequire(import.meta.url)("axe-core").source;

export const SHOTS = process.env.SHOTS ?? resolve(import.meta.dirname, "../shots");
const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];
const WIDTHS = [1280, 390];
const SCHEMES = ["light", "dark"];

/**
 * Watches a page from now on. `take()` gives what was found since the last time, as sentences.
 * `expect(status)` allows the next document to have another status than 200.
 */
export async function watch(page, base) {
  let found = [];
  let expected = 200;
  const origin = new URL(base).origin;
  const own = (url) => /^(data|blob|about):/.test(url) || new URL(url).origin === origin;

  // Said aloud in the page, so that it arrives with the console's errors and in their order.
  await page.addInitScript(() => {
    document.addEventListener("securitypolicyviolation", (event) => {
      console.error(`Content-Security-Policy: ${event.violatedDirective} blocked ${event.blockedURI || "inline"}`);
    });
  });
  await page.route((url) => !own(url.href), (route) => route.abort("blockedbyclient"));
  page.on("console", (message) => {
    if (message.type() !== "error") return;
    // The browser says this of the document itself too; the status is looked at below.
    if (/^Failed to load resource: .*status of \d+/.test(message.text())) return;
    found.push(`console error: ${message.text()}`);
  });
  page.on("pageerror", (error) => found.push(`uncaught in a script: ${error.message}`));
  page.on("request", (request) => {
    if (!own(request.url())) found.push(`request to another site: ${request.url()}`);
  });
  page.on("requestfailed", (request) => {
    const why = request.failure()?.errorText ?? "unknown";
    // A stream or download that the page's end cuts off is no failure.
    if (why === "net::ERR_ABORTED" || !own(request.url())) return;
    found.push(`request failed: ${request.method()} ${request.url()}: ${why}`);
  });
  page.on("response", (response) => {
    const status = response.status();
    const isPage = response.request().isNavigationRequest() && response.frame() === page.mainFrame();
    if (isPage ? status !== expected && status >= 400 : status >= 400) {
      found.push(`status ${status}: ${response.request().method()} ${response.url()}`);
    }
  });
  return {
    expect: (status) => (expected = status),
    take: () => {
      const now = found;
      found = [];
      return now;
    },
  };
}

/** What axe finds, as sentences with the rule, the reason and the place. */
export async function barriers(page) {
  await page.evaluate(axe);
  const violations = await page.evaluate(async (tags) => {
    const result = await window.axe.run(document, { runOnly: { type: "tag", values: tags }, resultTypes: ["violations"] });
    return result.violations.map(({ id, help, nodes }) => ({
      id,
      help,
      where: nodes.slice(0, 3).map((node) => `${node.target.join(" ")} ${(node.any[0] ?? node.all[0] ?? node.none[0])?.message ?? ""}`),
      more: Math.max(0, nodes.length - 3),
    }));
  }, TAGS);
  return violations.map(
    ({ id, help, where, more }) => `axe ${id}: ${help}: ${where.join(" | ")}${more ? ` and ${more} more` : ""}`,
  );
}

/** Does the page scroll sideways, and because of what? */
async function sideways(page) {
  return page.evaluate(() => {
    const { scrollWidth, clientWidth } = document.documentElement;
    if (scrollWidth <= clientWidth) return null;
    const beyond = [...document.body.querySelectorAll("*")].filter((e) => e.getBoundingClientRect().right > clientWidth + 1);
    const name = (e) => e.tagName.toLowerCase() + (e.id ? `#${e.id}` : "") + [...e.classList].map((c) => `.${c}`).join("");
    const innermost = beyond.filter((e) => !beyond.some((other) => other !== e && e.contains(other)));
    return `scrolls sideways: ${scrollWidth} of ${clientWidth} px, because of ${innermost.slice(0, 4).map(name).join(", ")}`;
  });
}

/** Looks at the page as it is now, in both schemes and widths, and keeps the pictures under `name`. */
export async function look(page, name) {
  const found = [];
  await mkdir(SHOTS, { recursive: true });
  for (const width of WIDTHS) {
    await page.setViewportSize({ width, height: width < 500 ? 844 : 800 });
    for (const scheme of SCHEMES) {
      await page.emulateMedia({ colorScheme: scheme });
      await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
      const here = (sentence) => found.push(`${scheme} ${width}: ${sentence}`);
      (await barriers(page)).forEach(here);
      if (width === 390) {
        const wide = await sideways(page);
        if (wide) here(wide);
      }
      await page.screenshot({ path: join(SHOTS, `${name}-${scheme}-${width}.png`), fullPage: true, animations: "disabled" });
    }
  }
  await page.setViewportSize({ width: 1280, height: 800 });
  await page.emulateMedia({ colorScheme: "light" });
  return found;
}

/** Fails with everything that was found, one sentence a line. */
export function assertClean(where, found) {
  if (found.length === 0) return;
  const list = [...new Set(found)];
  throw new AssertionError({ message: `${where}: ${list.length} to mend\n  ${list.join("\n  ")}` });
}

/** Opens `path` in a new page of the context, looks at it, and fails with all that it must not have. */
export async function visit(context, base, path, { name, status = 200, ready } = {}) {
  const page = await context.newPage();
  const watched = await watch(page, base);
  try {
    watched.expect(status);
    const response = await page.goto(new URL(path, base).href, { waitUntil: "load" });
    const found = [];
    if (response.status() !== status) found.push(`answers ${response.status()} and not ${status}`);
    if (new URL(page.url()).pathname !== new URL(path, base).pathname) found.push(`went on to ${page.url()}`);
    if (ready) await page.waitForSelector(ready, { timeout: 10_000 });
    found.push(...(await look(page, name)));
    found.push(...watched.take());
    assertClean(path, found);
  } finally {
    await page.close();
  }
}
