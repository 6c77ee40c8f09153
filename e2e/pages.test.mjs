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
  { name: "incident-new", as: "ada", path: "/incidents/new" },
  { name: "incident", as: "ada", path: "/i/INC-9" },
  { name: "incident-mend", as: "ada", path: "/i/INC-12?mend=resolved" },
  { name: "incident-impact", as: "ada", path: "/i/INC-12?mend=impact" },
  { name: "incident-edit", as: "ada", path: "/i/INC-12/edit" },
  { name: "incident-activity", as: "ada", path: "/i/INC-12/activity" },
  { name: "incident-fresh", as: "ada", path: "/i/INC-14" },
  { name: "capture", as: "ada", path: "/i/INC-14/capture" },
  { name: "evidence", as: "ada", path: "/i/INC-14/evidence" },
  { name: "imports", as: "ada", path: "/i/INC-14/imports" },
  { name: "timeline", as: "ada", path: "/i/INC-12/timeline" },
  { name: "timeline-fresh", as: "ada", path: "/i/INC-14/timeline" },
  { name: "timeline-table", as: "ada", path: "/i/INC-9/timeline/table" },
  { name: "review-decide", as: "ada", path: "/i/INC-13/retro" },
  { name: "kinds", as: "ada", path: "/kinds" },
  { name: "policy", as: "ada", path: "/policy" },
  { name: "policy-rule", as: "ada", path: "/policy/rules/major" },
  { name: "policy-addition-new", as: "ada", path: "/policy/rules?as=addition" },
  { name: "policy-read", as: "hugo", path: "/policy" },
  { name: "settings", as: "ada", path: "/settings" },
  { name: "settings-file", as: "ada", path: "/settings/kinds.toml" },
  { name: "settings-read", as: "hugo", path: "/settings/ground-rules.toml" },
  { name: "insights", as: "ada", path: "/insights?from=2020-01-01" },
  { name: "insights-list", as: "ada", path: "/insights/retrospectives?from=2020-01-01&kind=standard" },
  { name: "requests", as: "ada", path: "/requests" },
  { name: "waivers", as: "ada", path: "/waivers" },
  { name: "retrospectives", as: "ada", path: "/retros" },
  { name: "draft", as: "noor", path: "/r/INC-12/draft" },
  { name: "draft-edit", as: "noor", path: "/r/INC-12/edit" },
  { name: "draft-factors", as: "noor", path: "/r/INC-12/factors" },
  { name: "draft-actions", as: "jonas", path: "/r/INC-9/actions" },
  { name: "draft-risks", as: "jonas", path: "/r/INC-9/risks" },
  { name: "draft-history", as: "noor", path: "/r/INC-12/history" },
  { name: "draft-steps", as: "noor", path: "/r/INC-12/steps" },
  { name: "near-miss", as: "ada", path: "/near" },
  { name: "look-back", as: "ada", path: "/retros/new" },
  { name: "draft-incidents", as: "noor", path: "/r/INC-12/incidents" },
  { name: "draft-kind", as: "noor", path: "/r/INC-12/kind?kind=major" },
  { name: "draft-fields", as: "ines", path: "/r/INC-11/fields" },
  { name: "draft-fields-none", as: "noor", path: "/r/INC-12/fields" },
  { name: "draft-in-review", as: "ines", path: "/r/INC-11/draft" },
  { name: "draft-people", as: "noor", path: "/r/INC-12/people" },
  { name: "draft-closed-door", as: "hugo", path: "/r/INC-12" },
  { name: "publish", as: "jonas", path: "/r/INC-9/publish" },
  { name: "reading", as: "hugo", path: "/r/INC-9" },
  { name: "reading-figures", as: "hugo", path: "/r/INC-7" },
  { name: "reading-second-release", as: "hugo", path: "/r/INC-8" },
  { name: "release-changes", as: "hugo", path: "/r/INC-8/releases/2/changes" },
  { name: "actions", as: "ada", path: "/actions" },
  { name: "action", as: "ada", path: "/actions/ACT-1" },
  { name: "risks", as: "ada", path: "/risks" },
  { name: "risk", as: "ada", path: "/risks/RISK-1" },
  { name: "search", as: "ada", path: "/search" },
  { name: "search-found", as: "ada", path: "/search?q=checkout+pool" },
  { name: "search-nothing", as: "ada", path: "/search?q=qwvjkhbtp" },
  { name: "people", as: "ada", path: "/people" },
  { name: "person", as: "ada", path: "/people/noor" },
  { name: "person-of-a-colleague", as: "hugo", path: "/people/noor" },
  { name: "teams", as: "ada", path: "/teams" },
  { name: "team", as: "ada", path: "/teams/payments" },
  { name: "catalogue", as: "ada", path: "/catalogue" },
  { name: "investigators", as: "ada", path: "/investigators" },
  { name: "investigator", as: "ada", path: "/r/INC-12/investigator" },
  { name: "calendars", as: "ada", path: "/calendars" },
  { name: "calendar", as: "ada", path: "/calendars/hamburg" },
  { name: "services", as: "ada", path: "/services" },
  { name: "service", as: "ada", path: "/services/stock" },
  { name: "tokens", as: "ada", path: "/tokens" },
  { name: "api", as: "ada", path: "/api" },
  { name: "audit", as: "ada", path: "/audit" },
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
