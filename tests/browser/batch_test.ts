/** The journey of a batch: paste a table, try three rows, run the rest, watch, open, filter, export. */
import { assert, assertEquals, assertMatch, assertStrictEquals } from "@std/assert";
import type { Page } from "playwright-core";
import { browserTest } from "../browser_launch.ts";
import { Server } from "../process/server.ts";
import { LOOKS, violations } from "./axe.ts";
import { enterSandbox, eventually, hasFocus, hasValue, pressTo, toNextPage } from "./steps.ts";

const serve = Server.shared({ SANDBOX_SPEED: "50" });

const COMPANIES = [
  "Aalto Pay",
  "Bergen Clearing",
  "Cardamom",
  "Dukaat",
  "Eurolink",
  "Fjordkap",
  "Groschen",
  "Halden",
];
const TABLE = `Company,Founded,Employees\n${COMPANIES.map((name) => `${name},,`).join("\n")}`;

/** Pastes the table and reads it. */
async function readTable(page: Page, url: string): Promise<void> {
  await page.goto(`${url}/batches/new`);
  await page.locator('textarea[name="table"]').fill(TABLE);
  await page.getByRole("button", { name: "Read the table" }).click();
  await page.getByRole("heading", { name: "8 rows, 3 columns" }).waitFor();
}

const doneRows = (page: Page) => page.locator('#batch-rows [data-status="completed"]');

browserTest("a batch works from paste to export, live and by keyboard", async ({ page }) => {
  const server = await serve();
  await enterSandbox(page, server.url);
  await readTable(page, server.url);
  // What is typed is kept with the table, and goes with another one.
  await page.locator("#batch[data-kept]").waitFor();
  await page.locator("#name").fill("Fintechs");
  await eventually(
    async () => await (await page.request.get(page.url())).text(),
    (html) => assertMatch(html, /value="Fintechs"/),
  );
  await page.goto(page.url());
  await hasValue(page, "name", "Fintechs");
  await page.locator("#batch[data-kept]").waitFor();
  await page.locator('[name="template"]').fill("About {{Company}}");
  await page.getByText("Read another table").click();
  await page.locator('textarea[name="table"]').fill(`${TABLE}\nIstra,,`);
  await page.getByRole("button", { name: "Read the table" }).click();
  await page.getByRole("heading", { name: "9 rows, 3 columns" }).waitFor();
  await hasValue(page, "template", "About {{Company}}");
  await readTable(page, server.url);
  // Enter in a line, or at a choice, sends no row.
  await page.locator("#batch").evaluate((form) =>
    form.addEventListener("submit", () => form.setAttribute("data-sent", ""))
  );
  for (const name of ["name", "name.0", "processor"]) {
    await page.locator(`#batch [name="${name}"]`).first().press("Enter");
  }
  assertStrictEquals(await page.locator("#batch[data-sent]").count(), 0);
  // The suggested schema asks for the empty columns; the price follows the processor.
  // Typing a processor's name chooses it. The first keys may come before the script.
  const lite = page.locator('[name="processor"][value="lite"]');
  await page.locator('[name="processor"]:checked').focus();
  while (!await lite.isChecked()) await page.keyboard.press("l");
  await page.getByRole("button", { name: "Try 3 rows first · $0.015" }).click();
  await page.waitForURL(/\/batches\/tgrp_/);
  await page.getByText("The trial rows are done").waitFor();
  await doneRows(page).nth(2).waitFor();
  assertStrictEquals(await doneRows(page).count(), 3);

  await toNextPage(page, () => page.getByRole("button", { name: "Run the other 5" }).click());
  // The page that is shown now is never loaded again: its rows change in place.
  await page.evaluate(() => document.body.setAttribute("data-same", ""));
  await page.waitForFunction(() =>
    document.querySelectorAll('#batch-rows [data-status="completed"]').length === 8
  );
  await page.getByText("Done", { exact: true }).first().waitFor();
  assertStrictEquals(await page.locator("body[data-same]").count(), 1);

  // By keyboard: from the pane to a cell, open it, close it, go on.
  await page.locator("#pane").focus();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowRight");
  const focused = (end: string) =>
    page.waitForFunction(
      (end) => document.activeElement?.getAttribute("href")?.endsWith(end),
      end,
    );
  await focused("/cell?row=1&column=0");
  await page.keyboard.press("Enter");
  const opened = page.locator("#opened-cell");
  await opened.getByText("Open the run").waitFor();
  await opened.locator(".cited li").first().waitFor();
  await page.keyboard.press("Escape");
  await opened.waitFor({ state: "hidden" });
  await focused("/cell?row=1&column=0");
  // What Tab leaves closes, and what is focused is in sight: the next cell.
  await page.keyboard.press("Enter");
  await opened.getByText("Open the run").waitFor();
  await pressTo(page, "Tab", "#r1 .answer ~ td a");
  await opened.waitFor({ state: "hidden" });
  await page.locator("summary", { hasText: "Export" }).press("Enter");
  await pressTo(page, "Tab", ".batch-actions summary");
  await page.locator(".menu[open]").waitFor({ state: "detached" });
  await page.keyboard.press("/");
  await hasFocus(page, '[name="q"]');
  await page.keyboard.type("cardamom");
  await page.keyboard.press("Enter");
  await page.waitForURL(/q=cardamom/);
  assertEquals(await page.locator("#batch-rows tbody th").allTextContents(), ["Cardamom"]);

  // A column that is added joins in the table, live.
  await page.goto(page.url().split("?")[0]!);
  await page.locator("summary", { hasText: "More" }).click();
  await page.getByRole("link", { name: "Add columns" }).click();
  await page.locator('[name="output_type"][value="text"]').check();
  await page.locator('[name="text_description"]').fill("Who runs it?");
  await page.getByRole("button", { name: /^Run all 8 rows/ }).click();
  await page.waitForURL(/\/batches\/tgrp_[^/]+$/);
  await page.waitForFunction(() =>
    document.querySelectorAll("#batch-rows td.answer a").length === 24
  );
  await page.goto(`${page.url()}?q=cardamom`);

  await page.getByText("Export").click();
  const download = page.waitForEvent("download");
  await page.getByRole("link", { name: "CSV", exact: true }).click();
  const lines = (await Deno.readTextFile(await (await download).path())).trim().split("\r\n");
  assertEquals(lines.map((line) => line.split(",")[0]), ["Company", "Cardamom"]);
});

/** Puts a stream into the page that a test feeds, and notifications that it can read. */
async function stubStream(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const state = { told: [] as string[], feed: null as ((text: string) => void) | null };
    Object.assign(globalThis, { stubbed: state });
    const real = fetch;
    globalThis.fetch = (input, init) => {
      if (!String(input).endsWith("/events")) return real(input, init);
      const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
        start(controller) {
          state.feed = (text) => controller.enqueue(new TextEncoder().encode(text));
        },
      });
      return Promise.resolve(
        new Response(body, { headers: { "content-type": "text/event-stream" } }),
      );
    };
    globalThis.Notification = class extends EventTarget {
      static permission = "granted";
      constructor(title: string) {
        super();
        state.told.push(title);
      }
    } as unknown as typeof Notification;
    if (location.protocol === "http:") localStorage.setItem("notify", "on");
  });
}

browserTest(
  "simultaneous updates redraw each changed row once and no other; the end is announced in background tabs",
  async ({ page }) => {
    const server = await serve();
    await enterSandbox(page, server.url);
    await readTable(page, server.url);
    await page.getByRole("button", { name: /^Try 3 rows/ }).click();
    await page.waitForURL(/\/batches\/tgrp_/);
    await page.getByText("The trial rows are done").waitFor();
    await stubStream(page);
    await page.reload();
    await page.waitForFunction(() => Reflect.get(globalThis, "stubbed")?.feed);

    const changes = await page.evaluate(async () => {
      let id = 1_000_000;
      const event = (type: string, data: unknown) =>
        `id: ${++id}\nevent: ${type}\ndata: ${JSON.stringify({ id, at_ms: 0, type, data })}\n\n`;
      Object.assign(globalThis, { event });
      const added: Record<string, number> = {};
      const seen = new Promise<void>((resolve) =>
        new MutationObserver((records) => {
          for (const { target, addedNodes } of records) {
            const row = (target as Element).closest("tr")?.id ?? "another";
            added[row] = (added[row] ?? 0) + addedNodes.length;
          }
          if (document.querySelectorAll('#batch-rows [data-status="failed"]').length === 2) {
            resolve();
          }
        }).observe(document.getElementById("batch-rows")!, { childList: true, subtree: true })
      );
      const { feed } = Reflect.get(globalThis, "stubbed");
      const statuses = Array.from({ length: 99 }, (_, n) => n % 2 === 0 ? "queued" : "running");
      feed(
        [...statuses, "failed"].flatMap((status, n) =>
          [5, 6].map((row) =>
            event("rows", { rows: [{ row, attempt: 1, status, run_id: `t${n}` }] })
          )
        ).join(""),
      );
      await seen;
      const cells = document.querySelectorAll("#r5 td").length -
        document.querySelectorAll("#r5 td.input").length;
      return { added, cells };
    });
    assertEquals(Object.keys(changes.added).sort(), ["r5", "r6"]);
    assertStrictEquals(changes.added.r5, changes.added.r6);
    assert(changes.added.r5! <= changes.cells, `${changes.added.r5} of ${changes.cells} cells`);
    // A filter that fitted no row when the page was loaded is there now.
    await page.getByRole("link", { name: "Failed 2" }).waitFor();

    await page.evaluate(() => {
      Object.defineProperty(document, "hidden", { get: () => true });
      const { event, stubbed } = globalThis as unknown as {
        readonly event: (type: string, data: unknown) => string;
        readonly stubbed: { readonly feed: (text: string) => void };
      };
      stubbed.feed(event("state", { state: "running", reason: null }));
      stubbed.feed(event("state", { state: "done", reason: null }));
    });
    await page.waitForFunction(() => Reflect.get(globalThis, "stubbed").told.length > 0);
    assertEquals(
      await page.evaluate(() => Reflect.get(globalThis, "stubbed").told),
      ["Batch done"],
    );
    // The page is drawn a moment after the end is announced.
    await eventually(() => page.title(), (title) => assertMatch(title, /^Done: /));
  },
);

browserTest("a file of 22 MiB gets an error message, not a broken connection", async ({ page }) => {
  const server = await serve();
  await enterSandbox(page, server.url);
  await page.goto(`${server.url}/batches/new`);
  // The browser reads it itself: through the debugger the file would take most of the time.
  const file = await Deno.makeTempFile({ suffix: ".csv" });
  try {
    await Deno.writeTextFile(file, "a,b\n".repeat(5.5 * 1024 * 1024));
    await page.locator("#table-file").setInputFiles(file);
    await page.getByRole("button", { name: "Read the table" }).click();
    await page.locator("#table-error").getByText("The table is larger than 20 MiB.").waitFor();
  } finally {
    await Deno.remove(file);
  }
}, { allowProblems: true });

browserTest("a batch works without JavaScript: form, table, result, export", async ({ page }) => {
  const server = await serve();
  await page.goto(server.url);
  await page.locator('form[action="/auth/sandbox"] button').click();
  await readTable(page, server.url);
  await page.getByRole("button", { name: /^Run all 8 rows/ }).click();
  await page.waitForURL(/\/batches\/tgrp_/);
  while (await doneRows(page).count() < 8) await page.reload();
  await page.locator("#r3 .answer a").first().click();
  await page.locator("#cell").getByText("Cardamom · founded").waitFor();
  await page.getByRole("link", { name: "Open the run" }).click();
  await page.waitForURL(/\/tasks\/trun_/);
}, { javaScriptEnabled: false });

browserTest(
  "on a phone a row keeps its name beside a long reason, and shows no label without a value",
  async ({ context, page }) => {
    const server = await serve();
    await enterSandbox(page, server.url);
    const form = {
      table: TABLE,
      output_type: "text",
      processor: "lite",
      metadata: '{"sandbox":"fail"}',
    };
    const headers = { "sec-fetch-site": "same-origin" };
    await context.request.post(`${server.url}/batches`, { form, headers });
    await page.goto(`${server.url}/batches`);
    await page.locator('a[href^="/batches/tgrp_"]').first().click();
    await page.waitForFunction(() =>
      document.querySelectorAll('#batch-rows [data-status="failed"]').length === 8
    );
    const look = () =>
      page.evaluate(() => {
        const rows = [...document.querySelectorAll("#batch-rows tbody tr")];
        const widths = rows.map((row) => row.querySelector("th")!.getBoundingClientRect().width);
        const cells = rows.flatMap((row) => [...row.querySelectorAll("td")]);
        return {
          least: Math.min(...widths),
          blank: cells.filter((cell) => cell.textContent === "" && cell.checkVisibility()).length,
        };
      });
    // A page that was loaded while the batch ran keeps room for each value that may come.
    const { least } = await look();
    assert(least >= 100, `${least} px`);
    await page.locator('.batch-head [data-status="running"]').waitFor({ state: "detached" });
    await page.reload();
    const over = await look();
    assert(over.least >= 100, `${over.least} px`);
    assertStrictEquals(over.blank, 0);
  },
  { viewport: { width: 360, height: 740 } },
);

for (const look of LOOKS) {
  const { colorScheme, viewport: { width } } = look;
  browserTest(
    `axe finds no problem on a batch's pages in ${colorScheme} at ${width} px`,
    async ({ page }) => {
      const server = await serve();
      const wrong: string[] = [];
      const check = async (name: string) => {
        wrong.push(...(await violations(page)).map((violation) => `${name}: ${violation}`));
      };
      await enterSandbox(page, server.url);
      await page.goto(`${server.url}/batches/new`);
      await check("upload");
      await readTable(page, server.url);
      await check("preview");
      await page.getByRole("button", { name: /^Try 3 rows/ }).click();
      await page.getByText("The trial rows are done").waitFor();
      await check("batch");
      await page.locator("#r1 .answer a").first().click();
      await page.locator("#opened-cell").getByText("Open the run").waitFor();
      await check("opened cell");
      await page.keyboard.press("Escape");
      const batch = page.url();
      await page.locator("summary", { hasText: "Share" }).click();
      await check("share menu");
      for (const menu of ["Export", "More actions"]) {
        await page.keyboard.press("Escape");
        await page.locator("summary", { hasText: menu }).click();
        await check(menu);
      }
      await page.keyboard.press("Escape");
      await page.locator("summary", { hasText: "Share" }).click();
      await page.getByRole("button", { name: "Make a link" }).click();
      const link = page.locator("#share a");
      await link.waitFor();
      await check("shared batch");
      await page.goto(await link.getAttribute("href") ?? "");
      await page.locator("#r1 .answer a").first().click();
      await page.locator("#opened-cell .cited").waitFor();
      assertStrictEquals(await page.locator("main form[method=post]").count(), 0);
      await check("page of the link");
      for (const part of ["columns", "rows"]) {
        await page.goto(`${batch}/${part}`);
        await page.locator("h1").waitFor();
        await check(part);
      }
      assertEquals(wrong, []);
    },
    look,
  );
}
