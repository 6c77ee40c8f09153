// The main road, end to end: from an empty folder and the leftovers of an outage to a published
// retrospective that another person reads. One instance, one step after the other, as a person would.

import assert from "node:assert";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { after, before, test } from "node:test";

import { startAfterword } from "./harness/afterword.mjs";
import { newContext, openBrowser } from "./harness/browser.mjs";
import { SHOTS, assertClean, look, watch } from "./harness/visit.mjs";
import { zipped } from "./harness/zip.mjs";

const FRESH = resolve(import.meta.dirname, "../app/src/demo/fresh");
const PASSWORD = "an honest sentence";

let afterword;
let browser;
let ada; // the administrator's context
let page;
let watching;
let hugo; // a reader's context

before(async () => {
  await mkdir(SHOTS, { recursive: true });
  browser = await openBrowser();
  afterword = await startAfterword("serve");
  ada = await newContext(browser, { baseURL: afterword.base });
  page = await ada.newPage();
  watching = await watch(page, afterword.base);
});

after(async () => {
  await browser?.close();
  await afterword?.stop();
});

/** Fails with all that the page must not have; keeps its four pictures under `name`. */
const looksWell = async (name) => assertClean(name, [...(await look(page, `road-${name}`)), ...watching.take()]);
const path = () => new URL(page.url()).pathname;
const main = () => page.locator("main").innerText();
/** Does what leads to another page, and waits for it. */
const leads = (act) => Promise.all([page.waitForNavigation(), act]);
const press = (name) => leads(page.getByRole("button", { name, exact: true }).first().click());
const inDays = (days) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);

async function become(context, link, name, email) {
  const theirs = await context.newPage();
  await theirs.goto(link);
  await theirs.fill('[name="name"]', name);
  await theirs.fill('[name="email"]', email);
  await theirs.fill('[name="password"]', PASSWORD);
  await Promise.all([theirs.waitForNavigation(), theirs.press('[name="password"]', "Enter")]);
  return theirs;
}

/** Lets go of the files over the upload zone, as a hand with a mouse does. */
async function drop(files) {
  const data = await page.evaluateHandle((all) => {
    const data = new DataTransfer();
    for (const { name, base64 } of all) {
      const bytes = Uint8Array.from(atob(base64), (sign) => sign.charCodeAt(0));
      data.items.add(new File([bytes], name));
    }
    return data;
  }, files);
  await page.dispatchEvent("upload-zone", "dragover", { dataTransfer: data });
  await page.dispatchEvent("upload-zone", "drop", { dataTransfer: data });
}

const fileOf = async (path) => ({ name: basename(path), base64: (await readFile(join(FRESH, path))).toString("base64") });
const chat = async () => ({ name: "export.zip", base64: (await zipped(join(FRESH, "slack"))).toString("base64") });
const lines = () => page.locator("upload-zone .files li");
const settled = (n) => page.waitForFunction((n) => document.querySelectorAll("upload-zone .files li .tag").length === n, n, { timeout: 60_000 });

test("the road from an empty folder to a published retrospective", async (t) => {
  let step = 0;
  // A step that fails leaves no ground for those after it.
  const then = async (name, does) => {
    step += 1;
    let whole = false;
    await t.test(`${step}. ${name}`, async () => {
      await does();
      whole = true;
    });
    if (!whole) throw new Error(`stopped at step ${step}, on ${page.url()}`);
  };

  await then("the link on the console makes the administrator", async () => {
    const link = /^set-up\s+(http\S+)$/m.exec(afterword.said())?.[1];
    await (await become(ada, link, "Ada Okafor", "ada@example.org")).close();
    await page.goto("/");
    assert.match(await main(), /Nothing is here yet/);
  });

  await then("an incident is declared in three inputs", async () => {
    await leads(page.getByRole("link", { name: "Declare an incident" }).first().click());
    await page.fill('[name="title"]', "Parcel showed no delivery day for Tuesday");
    await page.locator('[name="kind"][value="outage"]').check();
    await page.selectOption('[name="severity"]', "2");
    await press("Save");
    assert.equal(path(), "/i/INC-1");
    assert.match(await main(), /severity 2/);
  });

  await then("files are dropped, each with its progress and what came of it", async () => {
    await page.goto("/i/INC-1/evidence");
    const files = [
      await chat(),
      await fileOf("alerts/2-delivery-days-firing.json"),
      await fileOf("alerts/3-delivery-days-resolved.json"),
      await fileOf("deploys/1-parcel-2.31.0-success.json"),
      await fileOf("prometheus-query-range.json"),
    ];
    await drop(files);
    await settled(files.length);
    for (const [n, { name }] of files.entries()) {
      const said = await lines().nth(n).innerText();
      assert.match(said, new RegExp(`^${name}`));
      assert.match(said, /[1-9]\d* added/, `${name}: ${said}`);
    }
    await leads(lines().first().getByRole("link", { name: "What arrived" }).click());
    assert.match(await main(), /Added as evidence\s+[1-9]/i);
    await looksWell("what-arrived");
  });

  await then("times without a zone are set aside, and read again when somebody says it", async () => {
    await page.goto("/i/INC-1/evidence");
    const log = ["07:41:02 rollback asked for", "07:44:10 rollback begins", "07:55:31 rollback done"].map((line) => `2026-11-17 ${line}\n`).join("");
    await drop([{ name: "handset.log", base64: Buffer.from(log).toString("base64") }, await fileOf("notes.txt")]);
    await settled(2);
    await leads(lines().first().getByRole("link").first().click());
    assert.match(await main(), /no zone or no day/);
    await looksWell("needs-a-zone");
    await page.fill("#zone", "Europe/Berlin");
    await press("Read it again");
    assert.match(await main(), /Added as evidence\s+3/i);
    await page.goto("/i/INC-1/evidence?source=log");
    assert.match(await main(), /06:41:02 UTC\s+rollback asked for/, "the zone is counted in");
  });

  await then("the same file again adds nothing and says so", async () => {
    await page.goto("/i/INC-1/evidence");
    await drop([await chat()]);
    await settled(1);
    assert.match(await lines().first().innerText(), /0 added[\s\S]*already here/);
  });

  await then("a whole import is taken back", async () => {
    await page.goto("/i/INC-1/imports");
    await leads(page.getByRole("link", { name: "notes.txt" }).first().click());
    await page.getByRole("button", { name: "Undo this import" }).click();
    await press("Take them back");
    assert.match(await main(), /was taken back/);
    await page.goto("/i/INC-1/evidence");
    assert.doesNotMatch(await main(), /Ada joins to take notes/);
  });

  await then("the chart of the metric is drawn beside its numbers", async () => {
    await page.goto("/i/INC-1/evidence?source=prometheus");
    assert.equal(await page.locator("svg.chart polyline").count() > 0, true);
    await leads(page.getByRole("link", { name: "Open", exact: true }).first().click());
    await page.getByRole("button", { name: "Pin", exact: true }).click();
    await page.waitForLoadState();
  });

  await then("the timeline is curated with the keyboard alone", async () => {
    await page.goto("/i/INC-1/timeline");
    assert.match(await main(), /A first timeline is proposed/);
    const count = () => page.locator("#entries > li[id]").count();
    const until = (n) => page.waitForFunction((n) => document.querySelectorAll("#entries > li[id]").length === n, n);
    const current = () => page.evaluate(() => document.activeElement?.dataset?.evidenceId ?? null);
    await page.keyboard.press("j");
    const first = await current();
    assert.ok(first, "j goes to a piece of evidence");
    await page.keyboard.press("j");
    assert.notEqual(await current(), first, "and to the next");
    await page.keyboard.press("k");
    assert.equal(await current(), first, "k goes back");
    await page.keyboard.press("Enter");
    await until(1);
    assert.notEqual(await current(), first, "Enter puts it on the timeline and goes on");
    await page.keyboard.press("Enter");
    await until(2);
    await page.keyboard.press("u");
    await until(1);
    for (let n = 2; n <= 6; n += 1) {
      await page.keyboard.press("Enter");
      await until(n);
    }
    const marked = () => page.locator("#entries .tag").count();
    const before = await marked();
    const next = await current();
    await page.keyboard.press("m"); // says which phase it will begin
    await page.waitForFunction((id) => !/Phase: none/.test(document.getElementById(id).innerText), next);
    await page.keyboard.press("Enter");
    await until(7);
    assert.ok((await marked()) > before, "the entry has its phase");
    await page.keyboard.press("k");
    await leads(page.keyboard.press("e"));
    await page.waitForSelector("#e-text");
    assert.equal(await page.evaluate(() => document.activeElement.id), "e-text", "e puts the cursor in the entry's text");
    await page.keyboard.press("Control+A");
    await page.keyboard.type("The new release of Parcel was live");
    const save = page.getByRole("button", { name: "Save entry" });
    for (let n = 0; n < 40 && !(await save.evaluate((e) => e === document.activeElement)); n += 1) await page.keyboard.press("Tab");
    await leads(page.keyboard.press("Enter"));
    assert.match(await main(), /The new release of Parcel was live/);
    assert.equal(await count(), 7);
    await looksWell("timeline");
  });

  await then("the rest of what is proposed is taken over, and key times with it", async () => {
    const before = await page.locator("#entries > li[id]").count();
    await page.locator("#proposed summary").click();
    await leads(page.getByRole("button", { name: /^Take over all/ }).click());
    assert.ok((await page.locator("#entries > li[id]").count()) > before + 3);
    for (let n = 0; n < 12 && (await page.locator("#found").count()) > 0; n += 1) {
      if (!(await page.locator("#found").evaluate((e) => e.open))) await page.locator("#found summary").first().click();
      await leads(page.locator("#found").getByRole("button", { name: /^Record/ }).first().click());
    }
    assert.equal(await page.locator("#found").count(), 0);
  });

  await then("the metric goes on the timeline with its chart", async () => {
    const already = await page.locator("#pieces > li", { hasText: "no_delivery_day" }).locator("a", { hasText: "on the timeline" }).count();
    if (already) return;
    await page.locator("#pieces > li", { hasText: "no_delivery_day" }).getByRole("button", { name: "Put on timeline" }).click();
    await page.waitForFunction(() => /no_delivery_day/.test(document.querySelector("#entries").innerText));
  });

  await then("who was there, and how severe it was, is corrected", async () => {
    await page.goto("/i/INC-1");
    await leads(page.getByRole("link", { name: "Change what is said of Ada Okafor" }).click());
    await page.fill("#joined_at", "2026-11-17 07:15");
    await page.fill("#left_at", "2026-11-17 08:40");
    await page.fill("#p-zone", "Europe/Berlin");
    await page.locator('[name="called_out_of_hours"]').check();
    await looksWell("person");
    await press("Save");
    assert.match(await main(), /2026-11-17 07:15\s+to 2026-11-17 08:40\s+out of hours/);
    await leads(page.getByRole("link", { name: /^Correct severity 2/ }).click());
    await page.selectOption("#c-severity", "1");
    await page.fill("#c-because", "It was read from the wrong table");
    await looksWell("severity");
    await press("Save");
    assert.match(await main(), /severity 1/);
  });

  await then("the phone page takes a time that is only roughly known", async () => {
    await page.goto("/i/INC-1/capture");
    await page.fill("#t-at", "2026-11-17 08:07");
    await page.getByText("Not that exact?").click();
    await page.selectOption("#t-known", "minute");
    await page.fill("#t-doubt", "20");
    await looksWell("capture");
    await press("Mitigated");
    assert.match(await main(), /Mitigated: ≈ 2026-11-17 08:07 UTC ± 20 min/);
  });

  await then("the incident resolves and home offers the retrospective with its reason", async () => {
    await page.goto("/i/INC-1");
    await press("Resolved");
    await page.goto("/");
    assert.match(await main(), /Decide how “Parcel showed no delivery day for Tuesday” is reviewed[\s\S]*Proposed: /);
    await looksWell("home");
    await leads(page.getByRole("link", { name: "Decide" }).first().click());
    assert.match(await main(), /Proposed: /);
    await page.selectOption("#c-owner", { label: "Ada Okafor" });
    await looksWell("decide");
    await press(/^Accept: /);
    assert.match(path(), /^\/r\/INC-1/);
  });

  await then("the draft says its next step until it can be written", async () => {
    for (const label of ["Begin to gather", "Begin to write"]) {
      await page.goto("/r/INC-1/draft");
      if (!(await page.getByRole("button", { name: label }).first().isVisible())) await page.getByText("Move it on").click();
      await press(label);
    }
    assert.match(await main(), /Write /);
  });

  await then("sections save themselves", async () => {
    await page.goto("/r/INC-1/edit");
    for (const [section, text] of [
      ["sum", "For an hour and a half customers in Germany and Austria saw no delivery day. Nobody lost a parcel. The old release was brought back."],
      ["surp", "The calendar of holidays was read as if it were one country’s."],
    ]) {
      const area = page.locator(`#t-${section}`);
      // Questions that nobody answered yet are folded away.
      const folds = page.locator("details:not([open])", { has: area });
      while (await folds.count()) await folds.first().locator("> summary").click();
      await area.fill(text);
      await page.waitForFunction((id) => /^Saved/.test(document.querySelector(`#${id} .saved`).textContent), section);
    }
    await page.reload();
    assert.match(await page.inputValue("#t-sum"), /The old release was brought back\.$/);
  });

  await then("two windows on one section show a conflict and lose no word", async () => {
    const other = await ada.newPage();
    await other.goto("/r/INC-1/edit");
    await other.fill("#t-surp", "The calendar of holidays was read as one country’s. Dresden has another.");
    await other.waitForFunction(() => /^Saved/.test(document.querySelector("#surp .saved").textContent));
    await other.close();
    watching.expect(200);
    await page.fill("#t-surp", "Nobody had asked whose holidays they are.");
    await page.waitForSelector("#surp .conflict");
    const both = await page.locator("#surp .conflict").innerText();
    assert.match(both, /Nobody had asked whose holidays they are[\s\S]*Dresden has another/);
    // The answer 409 is how the page learns of it.
    assertClean("conflict", watching.take().filter((line) => !/^status 409: POST .*\/sections\/surp$/.test(line)));
    await looksWell("conflict");
    await page.getByRole("button", { name: "Edit both" }).click();
    await page.waitForFunction(() => /^Saved/.test(document.querySelector("#surp .saved").textContent));
    const kept = await page.inputValue("#t-surp");
    assert.match(kept, /Dresden has another[\s\S]*Nobody had asked/);
  });

  await then("a factor cites evidence", async () => {
    await page.goto("/r/INC-1/factors");
    await looksWell("no-factors");
    await leads(page.getByRole("link", { name: "Write the first one" }).click());
    await page.fill("#statement", "A calendar for one country was asked about every country");
    await page.locator('[name="certainty"][value="confirmed"]').check();
    await page.locator('#cites input[name="cites"]').first().check();
    await page.locator('#cites label', { hasText: "no_delivery_day" }).locator("input").check();
    await press("Save");
    await page.goto("/r/INC-1/factors/new");
    await page.fill("#statement", "An empty answer of the carrier was kept for fifteen minutes");
    await page.locator('[name="path"]').fill("How long it lasted");
    await press("Save");
    assert.match(await main(), /2 sources/);
  });

  await then("an action has its owner, its day and when it is done", async () => {
    await page.goto("/r/INC-1/actions");
    await page.fill("#title", "Ask the calendar of the country that the parcel goes to");
    await page.fill("#done_when", "A test with a holiday of Saxony passes");
    await page.selectOption("#strength", "strong");
    await press("Propose it");
    await page.getByText("Accept", { exact: true }).first().click();
    await page.selectOption('[id^="o-"]', { label: "Ada Okafor" });
    await page.fill('[id^="d-"]', inDays(30));
    await press("Accept");
    assert.match(await main(), /accepted[\s\S]*Ada Okafor/);
  });

  await then("what is not done is declined with its reason", async () => {
    await page.fill("#title", "Ring every customer who asked");
    await press("Propose it");
    await page.getByText("Decline, because…").first().click();
    await page.locator('[id^="r-"]').first().fill("Zoe has written to all 31 of them already.");
    await press("Decline");
    assert.match(await main(), /Not doing[\s\S]*Zoe has written/i);
  });

  await then("a risk is accepted until a day, and looked at before", async () => {
    await page.goto("/r/INC-1/risks");
    await page.fill("#statement", "Holidays of a region are still typed in by hand once a year");
    await press("Write it down");
    await leads(page.getByRole("link", { name: /^Decide/ }).first().click());
    await page.locator("details", { has: page.locator("#until-accept") }).locator("summary").click();
    await page.fill("#until-accept", inDays(180));
    await page.fill("#on-accept", inDays(90));
    const fold = page.locator("details", { has: page.locator("#until-accept") });
    await leads(fold.getByRole("button").click());
    assert.match(await main(), /Accepted by\s+Ada Okafor/i);
  });

  await then("a reader is invited by a link, and finds no draft", async () => {
    await page.goto("/people");
    await page.locator('[name="seat"][value="reader"]').check();
    await page.fill("#note", "Hugo, who reads");
    await press("Make a link");
    const link = (await page.locator("#link").innerText()).trim();
    const reader = await newContext(browser, { baseURL: afterword.base });
    const theirs = await become(reader, link, "Hugo Marsh", "hugo@example.org");
    for (const path of ["/r/INC-1/edit", "/r/INC-1/factors", "/r/INC-1/history", "/r/INC-1/releases/1"]) {
      const answer = await reader.request.get(path);
      assert.ok(answer.status() >= 400, `${path} answers ${answer.status()}`);
      assert.doesNotMatch(await answer.text(), /calendar|Dresden/i, `${path} tells of the draft`);
    }
    await theirs.goto("/r/INC-1");
    const said = await theirs.locator("main").innerText();
    assert.doesNotMatch(said, /calendar of holidays/, "who is not among its people reads no draft");
    await theirs.goto("/");
    assert.doesNotMatch(await theirs.locator("main").innerText(), /calendar/);
    hugo = reader;
  });

  await then("it is reviewed and published", async () => {
    for (const label of ["Send it to its readers", "Take in what was said", "The meeting was held", "Take in what was said"]) {
      await page.goto("/r/INC-1/draft");
      await page.getByText("Move it on").click();
      const button = page.getByRole("button", { name: label, exact: true }).first();
      if (await button.count()) await leads(button.click());
    }
    await page.goto("/r/INC-1/publish");
    await press("Publish release 1");
    assert.equal(path(), "/r/INC-1", await main());
    await looksWell("reading");
  });

  await then("every dress of the release is well formed and says the same", async () => {
    const words = "Nobody had asked whose holidays they are";
    const get = async (dress) => {
      const answer = await ada.request.get(`/r/INC-1/releases/1.${dress}`);
      assert.equal(answer.status(), 200, dress);
      assert.match(answer.headers()["content-disposition"], new RegExp(`INC-1-release-1\\.${dress}`));
      return answer.body();
    };
    const json = JSON.parse((await get("json")).toString());
    assert.ok(JSON.stringify(json).includes(words) && json.charts.length === 1);
    const markdown = (await get("md")).toString();
    assert.ok(markdown.startsWith("# Parcel showed no delivery day") && markdown.includes(words));
    assert.match(markdown, /no_delivery_day[\s\S]*\| UTC \|/);
    const pdf = await get("pdf");
    assert.ok(pdf.subarray(0, 5).toString() === "%PDF-" && pdf.subarray(-8).toString().includes("%%EOF"));
    assert.ok(pdf.includes("/StructTreeRoot"), "the PDF is tagged");
    await writeFile(join(SHOTS, "road-release.pdf"), pdf);
    const html = (await get("html")).toString();
    assert.ok(html.includes(words) && !/<script|src="?\/|href="?\/assets/.test(html), "the single file needs no other");
    const alone = await browser.newContext({ javaScriptEnabled: false, offline: true, viewport: { width: 1280, height: 800 } });
    const file = await alone.newPage();
    await file.setContent(html);
    assert.equal(await file.locator("svg.chart").count(), 1);
    await file.locator("figure").screenshot({ path: join(SHOTS, "road-chart-alone.png") });
    await alone.close();
  });

  await then("the reading view is whole without JavaScript", async () => {
    const plain = await newContext(browser, { baseURL: afterword.base, storageState: await hugo.storageState(), javaScriptEnabled: false });
    const theirs = await plain.newPage();
    await theirs.goto("/r/INC-1");
    const said = await theirs.locator("main").innerText();
    for (const words of ["Nobody had asked whose holidays", "A calendar for one country", "Ask the calendar of the country", "Not doing:", "Accepted:", "Sources"]) {
      assert.ok(said.includes(words), `${words} is missing`);
    }
    assert.equal(await theirs.locator("svg.chart polyline").first().isVisible(), true, "the chart is drawn");
    await plain.close();
  });

  await then("a later correction becomes a second release; both stay", async () => {
    await page.goto("/r/INC-1/edit");
    await page.fill("#t-sum", "For an hour and a half customers in Germany and Austria saw no delivery day. Two parcels came a day late. The old release was brought back.");
    await page.waitForFunction(() => /^Saved/.test(document.querySelector("#sum .saved").textContent));
    await page.goto("/r/INC-1/publish");
    await page.fill("#what_changed", "Two parcels did come late.");
    await press("Publish release 2");
    await page.goto("/r/INC-1/releases/2/changes");
    assert.match(await page.locator("del").allInnerTexts().then((all) => all.join(" ")), /Nobody lost|lost/);
    assert.match(await page.locator("ins").allInnerTexts().then((all) => all.join(" ")), /Two/);
    await looksWell("changes");
    for (const [release, words] of [[1, "Nobody lost a parcel"], [2, "Two parcels came a day late"]]) {
      const theirs = await hugo.request.get(`/r/INC-1/releases/${release}`);
      assert.equal(theirs.status(), 200);
      assert.ok((await theirs.text()).includes(words), `release ${release} reads as it was`);
    }
    const draft = await hugo.request.get("/r/INC-1/edit");
    assert.ok(draft.status() >= 400, "the draft stays with its people after publication too");
  });

  await then("another review says that no action is needed, because", async () => {
    await page.goto("/incidents/new");
    await page.fill('[name="title"]', "A near miss with the same calendar");
    await page.locator('[name="kind"][value="near_miss"]').check();
    await page.locator('[name="report_only"]').check();
    await press("Save");
    await page.goto("/i/INC-2/retro");
    await page.selectOption("#c-owner", { label: "Ada Okafor" });
    await press("Accept: Near miss");
    await page.goto("/r/INC-2/edit");
    await page.fill("#because", "The action of INC-1 takes care of it.");
    await leads(page.locator('form[action$="/no-action"] button').click());
    await page.goto("/r/INC-2/actions");
    assert.match(await main(), /None, because:\s+The action of INC-1 takes care of it\./);
  });
});
