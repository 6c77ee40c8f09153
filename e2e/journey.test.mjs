// Journeys: what a person does from one page to the next, as they would, with the built binary.

import assert from "node:assert";
import { after, before, test } from "node:test";

import { startAfterword } from "./harness/afterword.mjs";
import { newContext, openBrowser } from "./harness/browser.mjs";
import { assertClean, look, watch } from "./harness/visit.mjs";

let browser;

before(async () => {
  browser = await openBrowser();
});

after(async () => {
  await browser?.close();
});

/** A page that is watched; `clean(where)` fails with all that was found since the last time. */
async function watched(context, base) {
  const page = await context.newPage();
  const watching = await watch(page, base);
  return {
    page,
    expect: watching.expect,
    clean: (where) => assertClean(where, watching.take()),
    looksWell: async (name) => assertClean(name, [...(await look(page, name)), ...watching.take()]),
  };
}

test("an empty folder becomes an instance with its administrator", async () => {
  const afterword = await startAfterword("serve");
  const context = await newContext(browser, { baseURL: afterword.base });
  try {
    const link = /^set-up\s+(http\S+)$/m.exec(afterword.said())?.[1];
    assert.ok(link, `serve prints a one-time link:\n${afterword.said()}`);
    assert.match(afterword.said(), new RegExp(`^ready\\s+${afterword.base}$`, "m"));

    const { page, expect, clean, looksWell } = await watched(context, afterword.base);
    await page.goto(link);
    await looksWell("set-up");
    await page.fill('[name="name"]', "Ada Okafor");
    await page.fill('[name="email"]', "ada@example.org");
    await page.fill('[name="password"]', "an honest sentence");
    await Promise.all([page.waitForNavigation(), page.press('[name="password"]', "Enter")]);
    assert.equal(new URL(page.url()).pathname, "/", "the administrator is signed in and at home");
    assert.match(await page.locator("main").innerText(), /\S/);
    await looksWell("home-of-an-empty-instance");

    const session = (await context.cookies()).find((cookie) => cookie.name.startsWith("__Host-"));
    assert.ok(session?.httpOnly && session.secure && session.path === "/", "the session is in a __Host- cookie");

    const stranger = await newContext(browser, { baseURL: afterword.base });
    const answer = await stranger.request.get(link);
    assert.ok(answer.status() >= 400, `the link works once; the second time it answers ${answer.status()}`);
    await stranger.close();

    await context.clearCookies();
    await page.goto("/sign-in");
    const signIn = async (password) => {
      await page.fill('[name="email"]', "ada@example.org");
      await page.fill('[name="password"]', password);
      await Promise.all([page.waitForNavigation(), page.press('[name="password"]', "Enter")]);
    };
    clean("before signing in");
    expect(422);
    await signIn("not the sentence");
    assert.equal(new URL(page.url()).pathname, "/sign-in", "a wrong password leads nowhere");
    await looksWell("sign-in-refused");
    expect(200);
    await signIn("an honest sentence");
    assert.equal(new URL(page.url()).pathname, "/", "the right one leads home");
    clean("after signing in");
  } finally {
    await context.close();
    await afterword.stop();
  }
});

test("a second process on the same folder is refused and told who holds it", async () => {
  const afterword = await startAfterword("serve");
  try {
    const second = await afterword.run("serve", "--data", afterword.data, "--listen", "127.0.0.1:0");
    assert.notEqual(second.code, 0);
    assert.match(second.stderr, new RegExp(String(afterword.pid)), "it names the process that holds the folder");
  } finally {
    const { code } = await afterword.stop();
    assert.equal(code, 0, "SIGTERM ends it in order");
  }
});
