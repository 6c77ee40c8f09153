// Searching as people do: the box on every page, the page of answers, the palette by keyboard alone.

import assert from "node:assert";
import { after, before, test } from "node:test";

import { startAfterword } from "./harness/afterword.mjs";
import { openBrowser, seats } from "./harness/browser.mjs";
import { assertClean, look, watch } from "./harness/visit.mjs";

let afterword;
let browser;
let site;

before(async () => {
  [afterword, browser] = await Promise.all([startAfterword("demo"), openBrowser()]);
  site = seats(browser, afterword.base);
  await untilIndexed();
});

/** A new folder's index is made while it serves; until then the database answers, by titles alone. */
async function untilIndexed() {
  const context = await site.as("ada");
  try {
    for (const end = Date.now() + 60_000; Date.now() < end; await new Promise((later) => setTimeout(later, 200))) {
      const { state } = await (await context.request.get("/api/v1/search/index")).json();
      if (state === "ready") return;
    }
    throw new Error("the index is not ready within a minute");
  } finally {
    await context.close();
  }
}

after(async () => {
  await browser?.close();
  await afterword?.stop();
});

async function opened(as, path, more) {
  const context = await site.as(as, more);
  const page = await context.newPage();
  const watching = await watch(page, afterword.base);
  await page.goto(path);
  return { context, page, clean: (where) => assertClean(where, watching.take()) };
}

test("the box on every page finds, the page tells why, and a choice narrows", async () => {
  const { context, page, clean } = await opened("ada", "/");
  try {
    await page.keyboard.press("/");
    assert.equal(await page.evaluate(() => document.activeElement.id), "find-q", "/ goes to the box");
    await page.keyboard.type("pool connections");
    await Promise.all([page.waitForNavigation(), page.keyboard.press("Enter")]);
    assert.equal(new URL(page.url()).pathname, "/search");
    assert.ok((await page.locator(".found mark").count()) > 0, "what was asked for is marked");
    const before = await page.locator(".found [data-row]").count();
    await Promise.all([page.waitForNavigation(), page.locator(".narrow-by a").first().click()]);
    assert.ok((await page.locator(".found [data-row]").count()) <= before);
    assert.equal(await page.locator(".narrow-by a[aria-current]").count(), 1);
    assert.equal(await page.inputValue("#sq"), "pool connections", "the words stay");
    clean("searching");
  } finally {
    await context.close();
  }
});

test("without JavaScript the box is a plain form", async () => {
  const context = await site.as("ada", { javaScriptEnabled: false });
  try {
    const page = await context.newPage();
    await page.goto("/incidents");
    await page.fill("#find-q", "checkout");
    await Promise.all([page.waitForNavigation(), page.press("#find-q", "Enter")]);
    assert.ok((await page.locator(".found [data-row]").count()) > 0);
  } finally {
    await context.close();
  }
});

test("the palette goes, offers and finds by keyboard alone", async () => {
  const { context, page, clean } = await opened("ada", "/incidents");
  try {
    await page.keyboard.press("Control+k");
    await page.waitForSelector(".palette [role=option]");
    const findings = await look(page, "palette");
    await page.keyboard.type("retro");
    await page.waitForFunction(() => document.querySelector(".palette [aria-selected=true]")?.textContent.startsWith("Retros"));
    const input = page.locator(".palette input");
    const active = await input.getAttribute("aria-activedescendant");
    assert.equal(await page.locator(`#${active}`).getAttribute("aria-selected"), "true", "a reader hears the choice");
    await Promise.all([page.waitForNavigation(), page.keyboard.press("Enter")]);
    assert.equal(new URL(page.url()).pathname, "/retros");

    await page.keyboard.press("Control+k");
    await page.keyboard.type("INC-9");
    await page.waitForFunction(() => document.querySelector(".palette [aria-selected=true]")?.textContent.startsWith("INC-9"));
    await Promise.all([page.waitForNavigation(), page.keyboard.press("Enter")]);
    assert.equal(new URL(page.url()).pathname, "/i/INC-9");

    await page.keyboard.press("Control+k");
    await page.waitForSelector(".palette");
    await page.keyboard.press("Escape");
    await page.waitForSelector(".palette", { state: "detached" });
    clean("the palette");
    assertClean("the palette", findings);
  } finally {
    await context.close();
  }
});
