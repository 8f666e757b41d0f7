/** What people do in many journeys. */
import assert from "node:assert/strict";
import type { Page } from "playwright-core";

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
  assert.fail(`${key} never reaches ${selector}`);
}

/** Opens the app and tries the sandbox; the form is there. */
export async function enterSandbox(page: Page, url: string): Promise<void> {
  await page.goto(url);
  await page.locator('form[action="/auth/sandbox"] button').click();
  await page.locator(INPUT).waitFor();
}
