/**
 * The main job in real Chromium: with JavaScript and without, by keyboard, across a reload and a server
 * restart.
 */
import { assert, assertEquals, assertMatch, assertStrictEquals } from "@std/assert";
import type { Page } from "playwright-core";
import { browserTest } from "../browser_launch.ts";
import { Server } from "../process/server.ts";
import { rowsAtLeast } from "./scripted_run.ts";
import { enterSandbox, finished, hasValue, INPUT, pressTo, submit } from "./steps.ts";

const CREATE = '.send button[type="submit"]';
const RESULT = ".result";

/** Here the pages move as they do for most people: they blend into each other, and show that a run is live. */
const MOVES = { reducedMotion: "no-preference" } as const;

const rowIds = (page: Page) =>
  page.locator("#trace [id^=e]").evaluateAll((rows) => rows.map((row) => row.id));

const gapless = (ids: readonly string[]) =>
  assertEquals(ids, ids.map((_, at) => `e${at + 1}`), "every event once, in order");

/** Opens the first citation: in a card where it stands, or without script at its row in the list of sources. */
async function readCitations(page: Page): Promise<void> {
  await finished(page);
  const chip = page.locator(`${RESULT} a.chip:visible`).first();
  const row = await chip.getAttribute("href");
  await chip.click();
  const opened = `#citation:popover-open a[href^="http"], ${row}:target a[href^="http"]`;
  await page.locator(opened).first().waitFor();
}

browserTest(
  "sign in, create by keyboard alone, watch, reload, read, and find it all after a restart",
  async ({ page }) => {
    // Long enough to be watched and loaded again on a slow machine.
    await using server = await Server.start({ SANDBOX_SPEED: "1" });
    await page.goto(server.url);
    await pressTo(page, "Tab", 'form[action="/auth/sandbox"] button');
    await page.keyboard.press("Enter");
    await page.locator(INPUT).waitFor();

    await pressTo(page, "Tab", INPUT);
    await page.keyboard.type("Which cities host the most data centres?");
    await hasValue(page, "input", "Which cities host the most data centres?");
    await pressTo(page, "Tab", 'input[name="processor"]');
    await pressTo(page, "ArrowDown", 'input[name="processor"][value="pro"]');
    await pressTo(page, "Tab", CREATE.replace(":visible", ""));
    await page.keyboard.press("Enter");
    await page.waitForURL(/\/tasks\/trun_/);
    const bookmark = page.url();

    // The feed moves and the progress grows while nobody touches the page.
    await rowsAtLeast(page, 6);
    await page.waitForFunction(() => {
      const at = document.querySelector("progress")?.value ?? 0;
      const grown = document.documentElement.dataset;
      if (grown.first === undefined && at > 0) grown.first = String(at);
      return grown.first !== undefined && at > Number(grown.first);
    });

    const seen = await rowIds(page);
    await page.reload();
    const after = await rowIds(page);
    assertEquals(after.slice(0, seen.length), seen, "a reload loses nothing");

    // The finished page comes by itself, with the result and its citations.
    await readCitations(page);
    const all = await rowIds(page);
    gapless(all);
    assertMatch(await page.locator("main").innerText(), /simulated/i);

    await page.goto(`${server.url}/tasks`);
    await page.getByRole("link", { name: /Which cities host the most data centres/ }).first()
      .click();
    await page.waitForURL(bookmark);

    assertStrictEquals(await server.stop(), 0, "a clean exit");
    await server.start();
    await page.goto(bookmark);
    assertEquals(await rowIds(page), all, "the bookmark shows the same after a restart");
    await readCitations(page);
  },
  MOVES,
);

browserTest(
  "a live page says what it is waiting for, and continues after a restart",
  async ({ page }) => {
    await using server = await Server.start({ SANDBOX_SPEED: "1" });
    await enterSandbox(page, server.url);
    await page.locator(INPUT).fill("Long enough to be interrupted");
    await page.locator('input[name="processor"][value="pro"]').check();
    await submit(page);
    await page.waitForURL(/\/tasks\/trun_/);
    await rowsAtLeast(page, 5);
    await server.stop();
    await page.getByText(/Trying again in/).waitFor();
    await server.start();
    await readCitations(page);
    gapless(await rowIds(page));
  },
  { allowProblems: true },
);

browserTest("the same journey works without JavaScript", async ({ page, problems }) => {
  await using server = await Server.start({ SANDBOX_SPEED: "5" });
  await enterSandbox(page, server.url);

  // A mistake comes back with what was typed and a message at the field.
  await page.locator(INPUT).fill("Works without scripts?");
  await page.locator('input[name="output_type"][value="json"]').check();
  await page.locator('textarea[name="json_schema"]').fill('{"type": "array"}');
  await page.locator(CREATE).first().click();
  await page.locator('textarea[name="json_schema"][aria-invalid="true"]').waitFor();
  await hasValue(page, "input", "Works without scripts?");

  await page.locator('input[name="output_type"][value="auto"]').check();
  await page.locator(CREATE).first().click();
  await page.waitForURL(/\/tasks\/trun_/);
  const bookmark = page.url();
  // The page refreshes itself until the result is there.
  await readCitations(page);
  const all = await rowIds(page);
  gapless(all);
  await page.locator(".trace-part > summary").click();
  await page.locator("#find").fill("research");
  await page.getByRole("button", { name: "Find", exact: true }).click();
  await page.getByText(/of \d+ with “research”/).waitFor();

  await page.goto(`${server.url}/tasks`);
  await page.getByRole("link", { name: /Works without scripts/ }).first().click();
  await page.waitForURL(bookmark);
  await server.stop();
  await server.start();
  await page.goto(bookmark);
  assertEquals(await rowIds(page), all);
  // Chromium itself reports the form that came back; nothing else may go wrong.
  assert(problems.every((problem) => problem.includes("status of 422")), problems.join("\n"));
}, { ...MOVES, javaScriptEnabled: false, allowProblems: true });

for (const javaScriptEnabled of [true, false]) {
  browserTest(
    `an example fills the form in one click, JavaScript ${javaScriptEnabled ? "on" : "off"}`,
    async ({ page }) => {
      await using server = await Server.start();
      await enterSandbox(page, server.url);
      await page.locator('a[href^="/?example="]').first().click();
      await page.getByText(/^Filled from “/).waitFor();
      await hasValue(page, "input", /.{10}/);
      // The server filled it in: scripts may still be on their way, and need it a moment longer.
      await page.waitForLoadState("networkidle");
    },
    { javaScriptEnabled },
  );
}
