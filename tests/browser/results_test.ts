/** Finished and shared runs in real Chromium: found in, copied, exported, printed, shared and revoked. */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import type { Page } from "playwright-core";
import { browserTest } from "../browser_launch.ts";
import { parseCsv } from "../exports/parse_csv.ts";
import { Server } from "../process/server.ts";

/** Signs in to the sandbox and creates the task of an example; resolves on its page. */
async function createExample(page: Page, server: Server, name: string): Promise<string> {
  await page.goto(server.url);
  await page.locator('form[action="/auth/sandbox"] button').click();
  await page.getByRole("link", { name }).first().click();
  await page.locator('textarea[name="input"]:not(:placeholder-shown)').waitFor();
  await page.locator('form[action="/tasks"] button[type="submit"]:visible').first().click();
  await page.waitForURL(/\/tasks\/trun_/);
  return page.url();
}

/** The same, until the result is there. */
async function finishExample(page: Page, server: Server, name: string): Promise<string> {
  const url = await createExample(page, server, name);
  await page.locator(".result").waitFor();
  return url;
}

const REPORT = "Where the data centres are";
const TABLE = "Compare embedded databases";

const shownRows = (page: Page) => page.locator("#trace > li:visible").count();

async function linkOf(page: Page): Promise<string> {
  return await page.locator('#share a[href*="/s/"]').getAttribute("href") ?? "";
}

browserTest(
  "share a live run, let a stranger watch it to its end and reload, revoke it",
  async ({ browser, page }) => {
    await using server = await Server.start({ SANDBOX_SPEED: "8" });
    await createExample(page, server, REPORT);
    await page.getByText("Share", { exact: true }).click();
    await page.getByRole("button", { name: "Make a link" }).click();
    await page.getByText(/Anyone with the link can read/).waitFor();
    const link = await linkOf(page);

    const context = await browser.newContext();
    const problems: string[] = [];
    context.on("console", (message) => {
      if (message.type() === "error") problems.push(message.text());
    });
    const stranger = await context.newPage();
    await stranger.goto(link);
    // Its finished page comes by itself.
    await stranger.locator(".result").waitFor();
    assert.match(await stranger.locator("main").innerText(), /Shared, read only/);
    const ids = await stranger.locator("#trace > li").evaluateAll((rows) =>
      rows.map((row) => row.id)
    );
    assert.deepEqual(ids, ids.map((_, at) => `e${at + 1}`));

    // Confirmed with 304, the page in the cache still runs its scripts: the policy is the one it came with.
    const [again] = await Promise.all([
      stranger.waitForResponse((response) => response.url() === link),
      stranger.goto(link),
    ]);
    assert.equal(again.headers()["x-robots-tag"], "noindex, nofollow");
    await stranger.locator("html[data-script]").waitFor({ state: "attached" });
    await stranger.locator(".trace-part > summary").click();
    await stranger.locator("#find").fill("objective");
    await stranger.getByText(/ of \d+$/).waitFor();
    assert.deepEqual(problems, []);

    await page.goto(page.url());
    await page.getByRole("button", { name: "Stop sharing" }).click();
    await page.locator("#share").waitFor({ state: "detached" });
    const gone = await stranger.goto(link);
    assert.equal(gone?.status(), 404);
    await context.close();
  },
);

browserTest("find in the trace, change its clock, follow a link to an event", async ({ page }) => {
  await using server = await Server.start({ SANDBOX_SPEED: "20" });
  const url = await finishExample(page, server, REPORT);
  await page.locator(".trace-part > summary").click();
  const all = await shownRows(page);
  await page.locator("#find").fill("OBJECTIVE");
  await page.getByText(` of ${all}`).waitFor();
  const found = await shownRows(page);
  assert.ok(found > 0 && found < all, `${found} of ${all}`);
  for (const text of await page.locator("#trace > li:visible").allTextContents()) {
    assert.match(text, /objective/i);
  }
  await page.locator("#find").fill("");
  assert.equal(await shownRows(page), all);
  await page.locator('input[name="pick"][value="search"]').check();
  assert.ok(await shownRows(page) < all);

  await page.locator('input[name="pick"][value="all"]').check();
  const clock = page.locator("#e3 .at time");
  // Rows out of sight are not laid out, and have no inner text of their own.
  await clock.scrollIntoViewIfNeeded();
  assert.match(await clock.innerText(), /^\d\d:\d\d$/);
  await page.getByLabel("UTC times").check();
  assert.match(await clock.innerText(), /^\d\d:\d\d:\d\d$/);

  // A link to an event opens the trace and takes back whatever hides it.
  await page.goto(`${server.url}/tasks`);
  await page.goto(`${url}#e1`);
  await page.locator("#e1").waitFor();
  assert.ok(await page.locator("#e1").evaluate((row) => row.matches(":target")));
  await page.locator("#e1 .wire summary").click();
  assert.match(await page.locator("#e1 .wire pre").innerText(), /"type":"task_run\.state"/);
});

browserTest("copy the result as Markdown, as rich text and raw", async ({ page, context }) => {
  await using server = await Server.start({ SANDBOX_SPEED: "20" });
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  const url = await finishExample(page, server, TABLE);
  const clipboard = (type: string) =>
    page.evaluate(async (wanted) => {
      const [item] = await navigator.clipboard.read();
      return item === undefined ? "" : await (await item.getType(wanted)).text();
    }, type);

  await page.getByRole("button", { name: "copy as Markdown" }).click();
  await page.getByRole("button", { name: "copied" }).waitFor();
  const report = await page.evaluate(
    async (path) => await (await fetch(path)).text(),
    `${url}/report.md`,
  );
  assert.equal(await clipboard("text/plain"), report);

  await page.getByRole("button", { name: "copy as rich text" }).click();
  await page.getByRole("button", { name: "copied" }).last().waitFor();
  const html = await clipboard("text/html");
  assert.match(html, /<h1[^>]*>[^<]*SQLite[\s\S]*Simulated\.[\s\S]*DuckDB/);
  assert.match(html, /href="https:\/\//);
  assert.doesNotMatch(html, /class=|<button|<details|why/);
  assert.match(await clipboard("text/plain"), /Simulated\.[\s\S]*DuckDB/);

  await page.getByText("Raw JSON", { exact: true }).click();
  await page.locator('[data-copy-from="raw"]').click();
  await page.locator('[data-copy-from="raw"]', { hasText: "copied" }).waitFor();
  const { databases } = JSON.parse(await clipboard("text/plain"));
  assert.equal(databases.length, 3);
});

browserTest(
  "every export can be opened and parsed back, the trace by the inspector",
  async ({ page }) => {
    await using server = await Server.start({ SANDBOX_SPEED: "20" });
    const url = await finishExample(page, server, TABLE);
    const events = await page.locator("#trace > li").count();
    const exported = async (name: string, file: RegExp) => {
      await page.getByText("Export", { exact: true }).click();
      const [download] = await Promise.all([
        page.waitForEvent("download"),
        page.locator(".actions").getByRole("link", { name, exact: true }).click(),
      ]);
      assert.match(download.suggestedFilename(), file);
      await page.keyboard.press("Escape");
      return await Deno.readFile(await download.path());
    };
    const text = (bytes: Uint8Array) => new TextDecoder("utf-8", { fatal: true }).decode(bytes);

    const report = text(
      await exported("Markdown", /^\d{4}-\d\d-\d\d simulated Compare SQLite.*\.md$/),
    );
    const notes = [...report.matchAll(/^\[\^(\d+)\]: \[[^\n]+\]\(https:/gm)];
    assert.ok(notes.length > 3);
    for (const [, n] of notes) {
      assert.ok(
        report.split(`[^${n}]`).length > 2,
        `footnote ${n} is used`,
      );
    }

    const [head, ...rows] = parseCsv(text(await exported("CSV", /\.csv$/)));
    assert.ok(head?.includes("name") && head.includes("basis.sources"));
    assert.equal(rows.length, 3);

    const trace = await exported("Trace", /\.ndjson$/);
    assert.equal(text(trace).trimEnd().split("\n").length, events);

    const json = await page.evaluate(
      async (path) => await (await fetch(path)).json(),
      `${url}/result.json`,
    );
    assert.deepEqual(Object.keys(json), ["run", "input", "output", "events", "share"]);
    assert.equal(json.events.length, events);
    assert.equal(json.run.simulated, true);

    await page.goto(`${server.url}/inspect`);
    await page.locator("html[data-script]").waitFor({ state: "attached" });
    await page.locator("#stream-file").setInputFiles({
      name: "trace.ndjson",
      mimeType: "application/x-ndjson",
      buffer: Buffer.from(trace),
    });
    await page.getByText(new RegExp(`\\b${events} events`)).first().waitFor();
  },
);

browserTest(
  "paper shows the answer and why, with addresses, and not the controls",
  async ({ page }) => {
    await using server = await Server.start({ SANDBOX_SPEED: "20" });
    await finishExample(page, server, TABLE);
    const why = page.locator(".basis details p").first();
    assert.ok(!await why.isVisible(), "folded on the screen");
    await page.emulateMedia({ media: "print" });
    assert.ok(await why.isVisible(), "open on paper, without any script");
    for (const part of [".actions", ".bar", ".trace-part", ".basis summary", "[data-copy]"]) {
      assert.ok(!await page.locator(part).first().isVisible(), part);
    }
    assert.ok(await page.locator(".tape").isVisible(), "the mark of what is simulated");
    assert.ok(await page.locator(".timeline svg").isVisible());
    const address = await page.locator(".sources a[rel]").first().evaluate((link) =>
      getComputedStyle(link, "::after").content
    );
    assert.match(address, /https:\/\//);
    const pdf = await page.pdf({ format: "A4", preferCSSPageSize: true });
    assert.equal(new TextDecoder().decode(pdf.subarray(0, 5)), "%PDF-");
    const sideways = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    assert.ok(sideways <= 0, `${sideways} px over the edge`);
    await page.emulateMedia({ media: null });
    assert.ok(!await why.isVisible(), "folded again");
  },
);

browserTest(
  "without JavaScript: find, pick, read why, export, share and revoke",
  async ({ page }) => {
    await using server = await Server.start({ SANDBOX_SPEED: "20" });
    await finishExample(page, server, TABLE);
    await page.locator(".result .basis summary").first().click();
    await page.locator(".result .basis details[open] a[href^='http']").first().waitFor();

    await page.locator(".trace-part > summary").click();
    const all = await shownRows(page);
    await page.locator("#find").fill("objective");
    await page.getByRole("button", { name: "find", exact: true }).click();
    await page.waitForURL(/find=objective/);
    const found = await shownRows(page);
    assert.ok(found > 0 && found < all);
    assert.ok(!await page.getByRole("button", { name: /copy/ }).first().isVisible());

    await page.getByText("Export", { exact: true }).click();
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("link", { name: "CSV" }).click(),
    ]);
    assert.equal(parseCsv(await Deno.readTextFile(await download.path())).length, 4);

    await page.getByText("Share", { exact: true }).click();
    await page.getByRole("button", { name: "Make a link" }).click();
    const link = await linkOf(page);
    assert.equal((await page.goto(link))?.status(), 200);
    await page.locator(".result").waitFor();
    await page.goBack();
    await page.getByRole("button", { name: "Stop sharing" }).click();
    await page.locator("#share").waitFor({ state: "detached" });
    assert.equal((await page.goto(link))?.status(), 404);
  },
  { javaScriptEnabled: false, allowProblems: true },
);

for (const colorScheme of ["light", "dark"] as const) {
  browserTest(
    `axe finds nothing on finished and shared pages in ${colorScheme}`,
    async ({ browser }) => {
      await using server = await Server.start({ SANDBOX_SPEED: "20" });
      const { default: { source } } = await import("axe-core");
      const wrong: string[] = [];
      for (const viewport of [{ width: 1280, height: 900 }, { width: 360, height: 740 }]) {
        const context = await browser.newContext({ colorScheme, viewport });
        const page = await context.newPage();
        const check = async (name: string) => {
          await page.evaluate(
            "for (const part of document.querySelectorAll('details:not(.menu)')) part.open = true",
          );
          // Through the debugger, which the page's own policy does not concern.
          await page.evaluate(source);
          const found: { id: string; nodes: { html: string }[] }[] = await page.evaluate(
            "axe.run().then((result) => result.violations)",
          );
          for (const { id, nodes } of found) {
            wrong.push(`${name} ${viewport.width}: ${id} ${nodes[0]?.html}`);
          }
          const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
          if (over > 0) wrong.push(`${name} ${viewport.width}: scrolls ${over} px sideways`);
        };
        await finishExample(page, server, TABLE);
        await page.getByText("Share", { exact: true }).click();
        await page.getByRole("button", { name: "Make a link" }).click();
        await page.locator("#share").waitFor();
        await check("own page");
        await page.goto(await linkOf(page));
        await check("shared page");
        await context.close();
      }
      assert.deepEqual(wrong, []);
    },
  );
}
