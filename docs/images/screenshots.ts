/**
 * Takes the README's screenshots from the sandbox: `deno task build && deno run -A docs/images/screenshots.ts`.
 */
import { chromium, type Page } from "playwright-core";
import { findChromium } from "../../tests/browser_launch.ts";
import { Server } from "../../tests/process/server.ts";

const executablePath = findChromium();
if (executablePath === null) throw new Error("Install a Chromium or set CHROMIUM_PATH");

const SHOTS = [
  { suffix: "", colorScheme: "light", viewport: { width: 1120, height: 840 } },
  { suffix: "-dark", colorScheme: "dark", viewport: { width: 1120, height: 840 } },
  {
    suffix: "-phone",
    colorScheme: "light",
    viewport: { width: 360, height: 740 },
    isMobile: true,
    hasTouch: true,
  },
] as const;

/** Opens the example with the longest trace and creates its task. */
async function createReport(page: Page, url: string): Promise<void> {
  await page.goto(url);
  await page.locator('form[action="/auth/sandbox"] button').click();
  await page.getByRole("link", { name: "Where the data centres are" }).click();
  await page.getByText("Filled from “Where the data centres are”.").waitFor();
  await page.locator('textarea[name="input"]').press("Control+Enter");
  await page.waitForURL(/\/tasks\/trun_/);
}

await using server = await Server.start({ SANDBOX_SPEED: "2" });
const browser = await chromium.launch({
  executablePath,
  // A policy without inline styles refuses the one that Playwright hides the caret with.
  args: ["--no-sandbox", "--disable-gpu"],
});
for (const { suffix, ...look } of SHOTS) {
  const page = await (await browser.newContext(look)).newPage();
  const shoot = (name: string) =>
    page.screenshot({
      path: new URL(`${name}${suffix}.png`, import.meta.url).pathname,
      caret: "initial",
    });
  await createReport(page, server.url);
  await page.waitForSelector("#trace .e:nth-child(10)");
  await shoot("live-run");
  await page.waitForSelector(".result");
  await page.evaluate("scrollTo(0, 0)");
  await shoot("result");
}
await browser.close();
