// Debian's Chromium, driven by playwright-core; no browser is downloaded.

import { chromium } from "playwright-core";

const ARGS = [
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** A browser; close it with `close()`. */
export function openBrowser() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    headless: true,
    // The sandbox does not start as root, which is who CI is.
    chromiumSandbox: false,
    args: ARGS,
  });
}

/** A context as a visitor has it: UTC, English, no motion, so that pictures can be compared. */
export function newContext(browser, more = {}) {
  return browser.newContext({
    viewport: { width: 1280, height: 800 },
    locale: "en-GB",
    timezoneId: "UTC",
    reducedMotion: "reduce",
    ...more,
  });
}

const PASSWORD = "afterword-demo";

/** The people of one site, each signed in once; `as("ada")` is a context of hers, `as(null)` nobody's. */
export function seats(browser, base) {
  const known = new Map();
  const as = async (handle, more = {}) => {
    if (handle === null) return newContext(browser, { baseURL: base, ...more });
    if (!known.has(handle)) known.set(handle, await signIn(browser, base, handle));
    return newContext(browser, { baseURL: base, storageState: known.get(handle), ...more });
  };
  return { as };
}

async function signIn(browser, base, handle) {
  const context = await newContext(browser, { baseURL: base });
  try {
    const page = await context.newPage();
    await page.goto("/sign-in");
    await page.fill('[name="email"]', `${handle}@demo.example`);
    await page.fill('[name="password"]', PASSWORD);
    await Promise.all([page.waitForNavigation(), page.press('[name="password"]', "Enter")]);
    if (new URL(page.url()).pathname === "/sign-in") {
      throw new Error(`${handle} could not sign in: ${await page.locator("main").innerText()}`);
    }
    return await context.storageState();
  } finally {
    await context.close();
  }
}
