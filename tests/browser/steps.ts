/** Steps that many journeys share. */
import { assertStrictEquals, fail } from "@std/assert";
import type { BrowserContext, Page } from "playwright-core";

/** The question. */
export const INPUT = 'textarea[name="input"]';

/** Presses a key until the focused element is the one wanted; fails after a whole page of presses. */
export async function pressTo(page: Page, key: string, selector: string): Promise<void> {
  for (let presses = 0; presses < 150; presses++) {
    await page.keyboard.press(key);
    const found = await page.evaluate(
      (wanted) => document.activeElement?.matches(wanted) ?? false,
      selector,
    );
    if (found) return;
  }
  fail(`${key} never reaches ${selector}`);
}

/** Does what loads another page, and waits until it has: the page before may look the same. */
export async function toNextPage(page: Page, act: () => Promise<void>): Promise<void> {
  await page.evaluate(() => document.documentElement.setAttribute("data-before", ""));
  await act();
  await page.locator("html:not([data-before])").waitFor({ state: "attached" });
  await page.waitForLoadState();
}

/** Opens the app and tries the sandbox; the form is there. */
export async function enterSandbox(page: Page, url: string): Promise<void> {
  await page.goto(url);
  await page.locator('form[action="/auth/sandbox"] button').click();
  await page.locator(INPUT).waitFor();
}

/** Waits until the form's script listens, which it says at its button where there is room to. */
export async function awake(page: Page): Promise<void> {
  await page.locator(".send kbd:visible").waitFor();
}

/** Sends the form by its button, which is there before any script: the shortcut is not. */
export async function submit(page: Page): Promise<void> {
  await page.locator('.send button[type="submit"]').first().click();
}

/** Chooses a processor: a card, or a row of the table behind them. */
export async function choose(page: Page, processor: string): Promise<void> {
  const radio = page.locator(`[name="processor"][value="${processor}"]`);
  if (!await radio.isVisible()) await page.getByText("All processors").click();
  await radio.check();
}

/** Creates tasks through the proxy, in the page's own session. */
export async function create(
  context: BrowserContext,
  url: string,
  inputs: readonly string[],
  processor = "lite",
): Promise<string[]> {
  const ids: string[] = [];
  for (const input of inputs) {
    const response = await context.request.post(`${url}/api/v1/tasks/runs`, {
      data: { input, processor },
      headers: { "sec-fetch-site": "same-origin" },
    });
    assertStrictEquals(response.status(), 202, await response.text());
    ids.push((await response.json()).run_id);
  }
  return ids;
}

/** What has moved so far although nobody moved it: a sum of layout shifts. */
export async function shifts(page: Page): Promise<number> {
  const sum = await page.evaluate(() =>
    new Promise<number>((resolve) =>
      new PerformanceObserver((list) =>
        resolve(list.getEntries().reduce((sum, entry) => sum + Reflect.get(entry, "value"), 0))
      ).observe({ type: "layout-shift", buffered: true }) ?? setTimeout(resolve, 300, 0)
    )
  );
  // Three places, as Lighthouse shows it: a part of one pixel is nothing that anybody sees.
  return Math.round(sum * 1_000) / 1_000;
}
