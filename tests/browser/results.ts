/** Runs of the sandbox's examples, for the tests of finished and shared pages. */
import type { Page } from "playwright-core";
import type { Server } from "../process/server.ts";
import { enterSandbox, finished } from "./steps.ts";

/**
 * Signs in to the sandbox and creates an example's task. Resolves with its URL once the result is there and
 * the page's scripts have run.
 */
export async function finishExample(page: Page, server: Server, name: string): Promise<string> {
  await enterSandbox(page, server.url);
  await page.getByRole("link", { name }).first().click();
  await page.getByText(`Filled from “${name}”.`).waitFor();
  await page.locator('.send button[type="submit"]').first().click();
  await page.waitForURL(/\/tasks\/trun_/);
  await finished(page);
  return page.url();
}

/** An example with a long trace and a text. */
export const REPORT = "Where the data centres are";
/** An example with a schema. */
export const TABLE = "Compare embedded databases";

/** The share link on the owner's page. */
export async function linkOf(page: Page): Promise<string> {
  return await page.locator('#share a[href*="/s/"]').getAttribute("href") ?? "";
}
