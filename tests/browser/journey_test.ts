/**
 * The main job, as a person does it, in real Chromium: with JavaScript and without, by keyboard, over
 * a reload and a restart of the server.
 */
import assert from "node:assert/strict";
import type { BrowserContext, Page } from "playwright-core";
import { browserTest } from "../browser_launch.ts";
import { Server } from "./server.ts";

/** Presses Tab until the focused element is the one wanted; fails after a whole page of them. */
async function tabTo(page: Page, selector: string): Promise<void> {
  for (let presses = 0; presses < 150; presses++) {
    await page.keyboard.press("Tab");
    const found = await page.evaluate(
      (wanted) => document.activeElement?.matches(wanted) ?? false,
      selector,
    );
    if (found) return;
  }
  assert.fail(`Tab never reaches ${selector}`);
}

/** Collects what the page complains about: script errors and policy violations. */
function complaints(context: BrowserContext): string[] {
  const list: string[] = [];
  context.on("weberror", (error) => list.push(String(error.error())));
  context.on("console", (message) => {
    if (message.type() === "error") list.push(message.text());
  });
  return list;
}

const rowIds = (page: Page) =>
  page.locator("#trace > li").evaluateAll((rows) => rows.map((row) => row.id));

browserTest(
  "sign in, create by keyboard alone, watch, reload, read, find again after a restart",
  async (browser) => {
    await using server = await Server.start({ SANDBOX_SPEED: "6" });
    const context = await browser.newContext();
    const wrong = complaints(context);
    const page = await context.newPage();
    await page.goto(server.url);

    await tabTo(page, 'form[action="/auth/sandbox"] button');
    await page.keyboard.press("Enter");
    await page.waitForSelector('textarea[name="input"]');

    await tabTo(page, 'textarea[name="input"]');
    await page.keyboard.type("Which cities host the most data centres?");
    await tabTo(page, '[name="processor"]');
    await page.locator('[name="processor"][value="pro"], select[name="processor"]').first().focus();
    if (await page.locator('input[type="radio"][name="processor"]').count() > 0) {
      await page
        .keyboard.press("Space");
    } else await page.keyboard.type("pro");
    await page.locator('textarea[name="input"]').focus();
    await page.keyboard.press("Control+Enter");

    await page.waitForURL(/\/tasks\/trun_/);
    const bookmark = page.url();
    // The feed moves and the progress grows while nobody touches the page.
    await page.waitForFunction(() => document.querySelectorAll("#trace > li").length >= 8);
    const progress = () =>
      page.locator("progress, meter").first().evaluate((bar) =>
        Number((bar as HTMLProgressElement).value)
      );
    const before = await progress();
    await page.waitForFunction(
      (value) =>
        Number(
          (document.querySelector("progress, meter") as HTMLProgressElement | null)?.value ?? 0,
        ) > value,
      before,
    );

    const seen = await rowIds(page);
    await page.reload();
    const after = await rowIds(page);
    assert.deepEqual(after.slice(0, seen.length), seen, "a reload loses nothing");

    // The finished page comes by itself, with the result and its citations.
    await page.waitForSelector('#result a[href^="http"]', { timeout: 30_000 });
    const all = await rowIds(page);
    assert.deepEqual(all, all.map((_, at) => `e${at + 1}`), "every event once, in order");
    assert.match(await page.locator("body").innerText(), /simulated/i);

    await page.goto(`${server.url}/tasks`);
    await page.getByRole("link", { name: /Which cities host the most data centres/ }).click();
    await page.waitForURL(bookmark);

    assert.equal(await server.stop(), 0);
    await server.start();
    await page.goto(bookmark);
    assert.deepEqual(await rowIds(page), all, "the bookmark shows the same after a restart");
    await page.waitForSelector('#result a[href^="http"]');
    assert.deepEqual(wrong, []);
    await context.close();
  },
);

browserTest("a live page goes on by itself over a restart of the server", async (browser) => {
  await using server = await Server.start({ SANDBOX_SPEED: "2" });
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(server.url);
  await page.locator('form[action="/auth/sandbox"] button').click();
  await page.locator('textarea[name="input"]').fill("Long enough to be interrupted");
  await page.locator('[name="processor"][value="pro"]').first().check({ force: true });
  await page.locator('textarea[name="input"]').press("Control+Enter");
  await page.waitForFunction(() => document.querySelectorAll("#trace > li").length >= 5);
  await server.stop();
  await page.getByText(/retrying in/).waitFor();
  await server.start();
  await page.waitForSelector('#result a[href^="http"]', { timeout: 60_000 });
  const all = await rowIds(page);
  assert.deepEqual(all, all.map((_, at) => `e${at + 1}`));
  await context.close();
});

browserTest("the same journey with JavaScript off", async (browser) => {
  await using server = await Server.start({ SANDBOX_SPEED: "6" });
  const context = await browser.newContext({ javaScriptEnabled: false });
  const page = await context.newPage();
  await page.goto(server.url);
  await page.locator('form[action="/auth/sandbox"] button').click();

  // A mistake comes back with what was typed and a message at the field.
  await page.locator('textarea[name="input"]').fill("");
  await page.locator('form[action="/tasks"] button[type="submit"]').first().click();
  await page.locator('textarea[name="input"][aria-invalid="true"]').waitFor();

  await page.locator('textarea[name="input"]').fill("Works without scripts?");
  await page.locator('form[action="/tasks"] button[type="submit"]').first().click();
  await page.waitForURL(/\/tasks\/trun_/);
  const bookmark = page.url();
  // The page refreshes itself until the result is there.
  await page.locator("#result").waitFor({ timeout: 30_000 });
  const all = await rowIds(page);
  assert.ok(all.length > 3);

  await page.goto(`${server.url}/tasks`);
  await page.getByRole("link", { name: /Works without scripts/ }).click();
  await page.waitForURL(bookmark);
  await server.stop();
  await server.start();
  await page.goto(bookmark);
  assert.deepEqual(await rowIds(page), all);
  await context.close();
});

browserTest("an example fills the form in one click", async (browser) => {
  await using server = await Server.start();
  for (const javaScriptEnabled of [true, false]) {
    const context = await browser.newContext({ javaScriptEnabled });
    const page = await context.newPage();
    await page.goto(server.url);
    await page.locator('form[action="/auth/sandbox"] button').click();
    await page.locator('a[href^="/?example="]').first().click();
    await page.waitForFunction(
      () =>
        (document.querySelector('textarea[name="input"]') as HTMLTextAreaElement).value.length > 10,
    );
    await context.close();
  }
});
