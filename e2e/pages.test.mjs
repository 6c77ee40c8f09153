// Every page, as the seat that has most on it: no console error, nothing blocked, foreign or failed, no
// barrier, no sideways scroll; a picture of each in light and dark, wide and narrow.
//
// A new page is one line here. `path` may be a function of the visited site, for addresses that the
// demo organisation makes.

import { after, before, test } from "node:test";

import { startAfterword } from "./harness/afterword.mjs";
import { openBrowser, seats } from "./harness/browser.mjs";
import { visit } from "./harness/visit.mjs";

const PAGES = [
  { name: "sign-in", as: null, path: "/sign-in" },
  { name: "home", as: "ada", path: "/" },
  { name: "incidents", as: "ada", path: "/incidents" },
  { name: "incident", as: "ada", path: "/i/INC-1" },
  { name: "retrospectives", as: "ada", path: "/retros" },
  { name: "actions", as: "ada", path: "/actions" },
  { name: "risks", as: "ada", path: "/risks" },
  { name: "home-of-a-reader", as: "hugo", path: "/" },
  { name: "not-found", as: "ada", path: "/i/INC-99999", status: 404 },
];

let afterword;
let browser;
let site;

before(async () => {
  [afterword, browser] = await Promise.all([startAfterword("demo"), openBrowser()]);
  site = seats(browser, afterword.base);
});

after(async () => {
  await browser?.close();
  await afterword?.stop();
});

for (const { name, as, path, status } of PAGES) {
  test(`${name} (${path}) as ${as ?? "nobody"}`, async () => {
    const context = await site.as(as);
    try {
      await visit(context, afterword.base, path, { name, status });
    } finally {
      await context.close();
    }
  });
}
