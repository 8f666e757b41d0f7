/** Finished runs in real Chromium: search, copy, export and print, also by keyboard and without JavaScript. */
import {
  assert,
  assertEquals,
  assertMatch,
  assertNotMatch,
  assertStrictEquals,
  fail,
} from "@std/assert";
import { Buffer } from "node:buffer";
import type { Locator, Page } from "playwright-core";
import { browserTest } from "../browser_launch.ts";
import { parseCsv } from "../exports/parse_csv.ts";
import { Server } from "../process/server.ts";
import { finishExample, linkOf, REPORT, TABLE } from "./results.ts";
import { onScriptedRun } from "./scripted_run.ts";
import { enterSandbox, eventually, finished, hasValue } from "./steps.ts";

const serve = Server.shared({ SANDBOX_SPEED: "20" });

const shownRows = (page: Page) => page.locator("#trace .e:visible").count();

browserTest("find in the trace, change its clock, follow a link to an event", async ({ page }) => {
  const server = await serve();
  const url = await finishExample(page, server, REPORT);
  await page.locator(".trace-part > summary").click();
  const all = await shownRows(page);
  await page.locator("#find").fill("OBJECTIVE");
  await page.getByText(/\d+ of \d+ with “OBJECTIVE”/).waitFor();
  const found = await page.locator("#trace .e").count();
  assert(found > 0 && found < all, `${found} of ${all}`);
  await page.getByRole("link", { name: "Show all" }).click();
  await page.locator("#trace .e").nth(all - 1).waitFor({ state: "attached" });
  await hasValue(page, "find", "");
  const filter = page.locator('[data-filter="Searches"]');
  await filter.click();
  await page.locator("#trace .e").nth(all - 1).waitFor({ state: "detached" });
  await page.locator('[data-filter="Searches"][aria-current="true"]').waitFor();
  assertMatch(page.url(), /kind=Searches/);
  assertStrictEquals(await page.locator('#trace .e:not([data-kind="search"])').count(), 0);

  await page.locator('[data-filter=""]').click();
  await page.locator("#trace .e").nth(all - 1).waitFor({ state: "attached" });
  const clock = page.locator("#e3 .at time");
  // Rows out of sight are not laid out, and have no inner text of their own.
  await clock.scrollIntoViewIfNeeded();
  await eventually(() => clock.innerText(), (text) => assertMatch(text, /^\d+:\d\d$/));
  await page.locator(".trace-tools .menu summary").click();
  await page.getByLabel("UTC times").check();
  await page.waitForFunction(() =>
    getComputedStyle(document.querySelector("#e3 .at time")!).fontSize === "0px"
  );
  await page.keyboard.press("Escape");

  // A link to an event opens the trace and takes back whatever hides it.
  await page.goto(`${server.url}/tasks`);
  await page.goto(`${url}#e1`, { waitUntil: "networkidle" });
  await page.locator("#e1").waitFor();
  await page.locator("#e1 .at").click();
  assertMatch(await page.locator("#e1 .raw").innerText(), /"type":"task_run\.state"/);
  await page.locator("#e1 .at").click();
  await page.locator("#e1 .raw").waitFor({ state: "detached" });

  // What is typed before the script is there is searched for when it comes.
  const held = Promise.withResolvers<void>();
  await page.route("**/run.js*", async (route) => {
    await held.promise;
    await route.continue();
  });
  await page.goto(`${server.url}/tasks`);
  await page.goto(url, { waitUntil: "commit" });
  await page.locator(".trace-part > summary").click();
  await page.locator("#find").fill("objective");
  held.resolve();
  await page.getByText(/\d+ of \d+ with “objective”/).waitFor();
});

browserTest(
  "a trace of some 450 events fits into 2,000 px, on a phone too",
  async ({ page, context }) => {
    const server = await serve();
    await enterSandbox(page, server.url);
    const response = await context.request.post(`${server.url}/api/v1/tasks/runs`, {
      data: { input: "Who owns the grid?", processor: "pro", metadata: { sandbox: "burst" } },
      headers: { "sec-fetch-site": "same-origin" },
    });
    await page.goto(`${server.url}/tasks/${(await response.json()).run_id}`);
    await finished(page);
    await page.locator(".trace-part > summary").click();
    // The parts come as their links come into sight.
    await page.waitForFunction(() => {
      const rest = document.querySelector("#trace > .rest");
      rest?.scrollIntoView();
      return rest === null;
    });
    const events = page.locator("#trace [id^=e]");
    // 400 of the burst; how many the run itself has depends on its ID.
    const count = await events.count();
    assert(count > 420, `${count}`);
    assertStrictEquals(await events.last().getAttribute("id"), `e${count}`);
    for (const width of [1280, 360]) {
      await page.setViewportSize({ width, height: 800 });
      const { height } = await page.locator("#trace").evaluate((trace) =>
        trace.getBoundingClientRect()
      );
      assert(height < 2_000, `${height} px at ${width}`);
    }
  },
);

browserTest("copy the result as Markdown, as rich text and raw", async ({ page, context }) => {
  const server = await serve();
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  const url = await finishExample(page, server, TABLE);
  const clipboard = (type: string) =>
    page.evaluate(async (wanted) => {
      const [item] = await navigator.clipboard.read();
      return item === undefined ? "" : await (await item.getType(wanted)).text();
    }, type);

  /** Clicks, and waits until the button has said “copied”, which it does for a moment. */
  const copy = async (button: Locator) => {
    await button.evaluate((element) =>
      new MutationObserver(() => {
        if (element.textContent?.includes("copied")) element.setAttribute("data-said", "");
      }).observe(element, { childList: true, characterData: true, subtree: true })
    );
    await button.click();
    await eventually(
      () => button.getAttribute("data-said"),
      (said) => assertStrictEquals(said, ""),
    );
  };

  const copyMenu = page.locator(".section-head .menu summary");
  await copyMenu.click();
  await copy(page.locator("[data-copy-url]"));
  const report = await page.evaluate(
    async (path) => await (await fetch(path)).text(),
    `${url}/report.md`,
  );
  assertStrictEquals(await clipboard("text/plain"), report);

  await copy(page.locator("[data-copy-rich]"));
  const html = await clipboard("text/html");
  assertMatch(html, /<h1[^>]*>[^<]*SQLite[\s\S]*Simulated Made up[\s\S]*DuckDB/);
  assertMatch(html, /href="https:\/\//);
  assertNotMatch(html, /class=|<button|<details|Why|two documents describe/);
  assertMatch(await clipboard("text/plain"), /Simulated Made up[\s\S]*DuckDB/);

  await page.getByRole("link", { name: "JSON", exact: true }).click();
  await page.waitForURL(/view=raw/);
  await page.waitForLoadState();
  await copy(page.locator('[data-copy-from="raw"]'));
  const { databases } = JSON.parse(await clipboard("text/plain"));
  assertStrictEquals(databases.length, 3);
});

browserTest(
  "every export can be opened and parsed back, the trace by the inspector",
  async ({ page }) => {
    const server = await serve();
    const url = await finishExample(page, server, TABLE);
    const events = await page.locator("#trace [id^=e]").count();
    // Escape closes the menu by script.
    await page.locator("html[data-script=on]").waitFor({ state: "attached" });
    const exported = async (name: string, file: RegExp) => {
      await page.locator(".run-actions summary", { hasText: "More actions" }).click();
      const [download] = await Promise.all([
        page.waitForEvent("download"),
        page.locator(".run-actions").getByRole("link", { name }).click(),
      ]);
      assertMatch(download.suggestedFilename(), file);
      await page.keyboard.press("Escape");
      return await Deno.readFile(await download.path());
    };
    const text = (bytes: Uint8Array) => new TextDecoder("utf-8", { fatal: true }).decode(bytes);

    const report = text(
      await exported("Markdown", /^\d{4}-\d\d-\d\d simulated Compare SQLite.*\.md$/),
    );
    const notes = [...report.matchAll(/^\[\^(\d+)\]: \[[^\n]+\]\(https:/gm)];
    assert(notes.length > 3);
    for (const [, n] of notes) {
      assert(
        report.split(`[^${n}]`).length > 2,
        `footnote ${n} is used`,
      );
    }

    const [head, ...rows] = parseCsv(text(await exported("CSV", /\.csv$/)));
    assert(head?.includes("name") && head.includes("basis.sources"));
    assertStrictEquals(rows.length, 3);

    const trace = await exported("Trace", /\.ndjson$/);
    assertStrictEquals(text(trace).trimEnd().split("\n").length, events);

    const json = await page.evaluate(
      async (path) => await (await fetch(path)).json(),
      `${url}/result.json`,
    );
    assertEquals(Object.keys(json), ["run", "input", "output", "events", "share"]);
    assertStrictEquals(json.events.length, events);
    assertStrictEquals(json.run.simulated, true);

    await page.goto(`${server.url}/inspect`);
    await page.locator("#stream-text:enabled").waitFor();
    await page.locator("#stream-file").setInputFiles({
      name: "trace.ndjson",
      mimeType: "application/x-ndjson",
      buffer: Buffer.from(trace),
    });
    await page.getByText(new RegExp(`\\b${events} events`)).first().waitFor();
  },
);

browserTest(
  "a printed page has the result, its basis and addresses, but no controls",
  async ({ page }) => {
    const server = await serve();
    await finishExample(page, server, TABLE);
    const why = page.locator(".reasons p").first();
    assert(!await why.isVisible(), "folded on the screen");
    await page.emulateMedia({ media: "print" });
    assert(await why.isVisible(), "open on paper, without any script");
    for (const part of [".run-actions", ".bar", ".trace-part", ".why", "[data-copy]"]) {
      assert(!await page.locator(part).first().isVisible(), part);
    }
    assert(await page.locator(".tape").isVisible(), "the mark of what is simulated");
    assert(await page.locator(".timeline svg").first().isVisible());
    assert(await page.locator(".sources > li").last().isVisible(), "every source, folded ones too");
    const address = await page.locator(".sources a[rel]").first().evaluate((link) =>
      getComputedStyle(link, "::after").content
    );
    assertMatch(address, /https:\/\//);
    const pdf = await page.pdf({ format: "A4", preferCSSPageSize: true });
    assertStrictEquals(new TextDecoder().decode(pdf.subarray(0, 5)), "%PDF-");
    const sideways = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    assert(sideways <= 0, `${sideways} px over the edge`);
    await page.emulateMedia({ media: null });
    assert(!await why.isVisible(), "folded again");
  },
);

browserTest(
  "on paper, the reasons of an item follow its values",
  async ({ page, context }) => {
    const { url } = await serve();
    await enterSandbox(page, url);
    const record = (properties: Record<string, unknown>) => ({ type: "object", properties });
    const texts = { type: "array", items: { type: "string" } };
    const makers = { type: "array", items: record({ city: { type: "string" }, parts: texts }) };
    const items = record({ name: { type: "string" }, makers });
    const json_schema = record({ products: { type: "array", items } });
    const made = await context.request.post(`${url}/api/v1/tasks/runs`, {
      data: {
        input: { company: "Halden Robotics" },
        processor: "core",
        task_spec: { output_schema: { type: "json", json_schema } },
      },
      headers: { "sec-fetch-site": "same-origin" },
    });
    await page.goto(`${url}/tasks/${(await made.json()).run_id}`);
    await finished(page);
    await page.emulateMedia({ media: "print" });
    const item = page.locator(".item.wide-field:has(> .reasons)").first();
    const [values, reasons] = await item.evaluate((item) =>
      [".value", ".reasons"].map((part) =>
        item.querySelector(`:scope > ${part}`)!.getBoundingClientRect()
      )
    );
    assert(values!.height > 0 && reasons!.top >= values!.bottom, `${reasons!.top}`);
  },
);

browserTest(
  "without JavaScript: find, select, read the basis, export, share and revoke",
  async ({ page }) => {
    const server = await serve();
    await finishExample(page, server, TABLE);
    await page.locator(".result .why summary").first().click();
    await page.locator(".result .reasons q").first().waitFor();
    // A citation leads to its row in the list of sources, which has an excerpt.
    await page.locator(".result .chip").first().click();
    await page.locator("#source-1:target q").waitFor();

    await page.locator(".trace-part > summary").click();
    const all = await shownRows(page);
    await page.locator("#find").fill("objective");
    await page.locator("#find").press("Enter");
    await page.waitForURL(/find=objective/);
    const found = await shownRows(page);
    assert(found > 0 && found < all);
    assert(!await page.getByRole("button", { name: /copy/ }).first().isVisible());

    await page.locator(".run-actions summary", { hasText: "More actions" }).click();
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("link", { name: "CSV" }).click(),
    ]);
    assertStrictEquals(parseCsv(await Deno.readTextFile(await download.path())).length, 4);

    await page.getByText("Share", { exact: true }).click();
    await page.getByRole("button", { name: "Make a link" }).click();
    const link = await linkOf(page);
    assertStrictEquals((await page.goto(link))?.status(), 200);
    await page.locator(".result").waitFor();
    await page.goBack();
    await page.getByRole("button", { name: "Stop sharing" }).click();
    await page.locator("#share").waitFor({ state: "detached" });
    assertStrictEquals((await page.goto(link))?.status(), 404);
  },
  { javaScriptEnabled: false, allowProblems: true },
);

browserTest(
  "by keyboard: read the basis and raw events, share, export, revoke",
  async ({ page }) => {
    const server = await serve();
    await finishExample(page, server, TABLE);
    const press = async (selector: string) => {
      for (let presses = 0; presses < 200; presses++) {
        await page.keyboard.press("Tab");
        if (await page.evaluate((wanted) => document.activeElement?.matches(wanted), selector)) {
          return await page.keyboard.press("Enter");
        }
      }
      fail(`Tab never reaches ${selector}`);
    };
    await press(".why summary");
    await page.locator(".reasons q").first().waitFor();
    await press(".trace-part > summary");
    await press("#e1 .at");
    await page.locator("#e1 .raw").waitFor();

    await page.reload();
    await press(".run-actions .menu:has(form[action$='/share']) summary");
    await press("form[action$='/share'] button");
    await page.locator("#share").waitFor();
    await press(".run-actions .menu:has(a[href$='.md']) summary");
    const [download] = await Promise.all([page.waitForEvent("download"), press("a[href$='.md']")]);
    assertMatch(download.suggestedFilename(), /\.md$/);
    await press("form[action$='/unshare'] button");
    await page.locator("#share").waitFor({ state: "detached" });
  },
);

browserTest(
  "on a phone a report's wide table scrolls by itself, beside its first column, and the actions share a line",
  async ({ page }) => {
    const columns = ["Maker", "Founded", "Seat", "Employees", "Revenue", "Product", "Notes"];
    const row = (cells: string[]) => `| ${cells.join(" | ")} |\n`;
    const text = "Air-to-water heat pumps with a natural refrigerant";
    const table = row(columns) + row(columns.map(() => "---")) +
      row(columns.map((name) => name === "Notes" ? text : `${name} 1`));
    await onScriptedRun(page, async (run) => {
      run.end("completed", `The makers:\n\n${table}`);
      await page.locator(".result .wide").waitFor();
      await page.waitForLoadState();
      const seen = await page.evaluate(() => {
        const box = document.querySelector(".result .wide")!;
        const cell = box.querySelector("td")!;
        const before = cell.getBoundingClientRect();
        box.scrollLeft = 200;
        return {
          page: document.documentElement.scrollWidth - innerWidth,
          scrolled: box.scrollLeft,
          moved: cell.getBoundingClientRect().left - before.left,
          lines: Math.round(before.height / 24),
          tops: [...document.querySelectorAll(".run-actions .button")]
            .filter((button) => button.checkVisibility())
            .map((button) => button.getBoundingClientRect().top),
        };
      });
      const { lines, tops, ...rest } = seen;
      assertEquals(rest, { page: 0, scrolled: 200, moved: 0 });
      assert(lines <= 5, `${lines} lines`);
      assert(Math.max(...tops) - Math.min(...tops) < 20, `${tops}`);
    });
  },
  { viewport: { width: 320, height: 640 }, isMobile: true, hasTouch: true },
);
