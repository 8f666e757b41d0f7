/** Steps that many journeys share. */
import { assertMatch, assertStrictEquals, fail } from "@std/assert";
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

/** How long the effect of an action may take on a busy machine (ms). */
const PATIENCE_MS = 60_000;

/** Reads until a check passes; if it never does, its own failure is thrown. Many effects come after their action. */
export async function eventually<T>(
  read: () => Promise<T>,
  check: (found: T) => void,
): Promise<void> {
  const untilMs = Date.now() + PATIENCE_MS;
  for (;;) {
    try {
      return check(await read());
    } catch (error) {
      if (Date.now() > untilMs) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Waits until a field of the form has a value. */
export async function hasValue(page: Page, name: string, wanted: string | RegExp): Promise<void> {
  const value = () => page.locator(`[name="${name}"]`).inputValue();
  await eventually(
    value,
    (found) =>
      wanted instanceof RegExp ? assertMatch(found, wanted) : assertStrictEquals(found, wanted),
  );
}

/** Waits until an element has the focus. Scripts and browsers move it after an action, or when they paint. */
export async function hasFocus(page: Page, selector: string): Promise<void> {
  await page.locator(`${selector}:focus`).first().waitFor();
}

/** Waits until a run's finished page is there as a whole: its result arrives before its trace. */
export async function finished(page: Page): Promise<void> {
  await page.locator(".result").waitFor();
  await page.waitForLoadState();
}

/** Does what loads another page, and waits until it has: the page before may look the same. */
export async function toNextPage(page: Page, act: () => Promise<void>): Promise<void> {
  await page.evaluate(() => document.documentElement.setAttribute("data-before", ""));
  await act();
  await page.locator("html:not([data-before])").waitFor({ state: "attached" });
  await page.waitForLoadState();
}

/** Signs in to the sandbox without the page whose button does (see journey_test.ts), and opens the form. */
export async function enterSandbox(page: Page, url: string): Promise<void> {
  const response = await page.request.post(`${url}/auth/sandbox`, {
    form: { next: "" },
    headers: { "sec-fetch-site": "same-origin" },
    maxRedirects: 0,
  });
  assertStrictEquals(response.status(), 303, await response.text());
  await page.goto(url);
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
  metadata: Readonly<Record<string, string>> = {},
): Promise<string[]> {
  const ids: string[] = [];
  for (const input of inputs) {
    const response = await context.request.post(`${url}/api/v1/tasks/runs`, {
      data: { input, processor, metadata },
      headers: { "sec-fetch-site": "same-origin" },
    });
    assertStrictEquals(response.status(), 202, await response.text());
    ids.push((await response.json()).run_id);
  }
  return ids;
}

/** Waits until runs are over and recorded: only then their streams end. */
export async function recorded(
  context: BrowserContext,
  url: string,
  ids: readonly string[],
): Promise<void> {
  for (const id of ids) {
    const events = await context.request.get(`${url}/api/v1/tasks/runs/${id}/events`);
    assertStrictEquals(events.status(), 200, await events.text());
  }
}

/** What has moved so far although nobody moved it: a sum of layout shifts. */
export async function shifts(page: Page): Promise<number> {
  return await page.evaluate(() =>
    new Promise<number>((resolve) =>
      new PerformanceObserver((list) =>
        resolve(list.getEntries().reduce((sum, entry) => sum + Reflect.get(entry, "value"), 0))
      ).observe({ type: "layout-shift", buffered: true }) ?? setTimeout(resolve, 300, 0)
    )
  );
}
