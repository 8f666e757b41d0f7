/** axe-core finds no problem on any page, in light and dark, wide and narrow. */
import { assertEquals } from "@std/assert";
import type { Page } from "playwright-core";
import { browserTest } from "../browser_launch.ts";
import { LOOKS, violations } from "./axe.ts";
import { Server } from "../process/server.ts";
import { create as createRuns, enterSandbox, recorded, submit } from "./steps.ts";

const ADMIN_TOKEN = "the-token-of-this-test-0123456789";

const serve = Server.shared({ SANDBOX_SPEED: "8", ADMIN_TOKEN });

type Check = (name: string) => Promise<void>;

/** Tests of pages in each look: one for each part of the app, so that none takes long. */
function axeTests(what: string, visit: (page: Page, url: string, check: Check) => Promise<void>) {
  for (const look of LOOKS) {
    const { colorScheme, viewport: { width } } = look;
    browserTest(
      `axe finds no problem on ${what} in ${colorScheme} at ${width} px`,
      async ({ page }) => {
        const { url } = await serve();
        const wrong: string[] = [];
        await visit(page, url, async (name) => {
          wrong.push(...(await violations(page)).map((violation) => `${name}: ${violation}`));
        });
        assertEquals(wrong, []);
      },
      { ...look, allowProblems: true },
    );
  }
}

axeTests("the form and a finished run", async (page, url, check) => {
  await enterSandbox(page, url);
  await check("form");
  const example = await exampleWithSchema(page, url);
  await page.goto(`${url}/?example=${example}`);
  // At the end of the page the bar with the cost and the button covers no row.
  await page.evaluate(() => scrollTo(0, document.documentElement.scrollHeight));
  await check("filled form");
  await create(page);
  await page.waitForSelector(".result");
  await check("finished run");
  await checkOpen(page, check);
});

axeTests("runs without a result and the form with a mistake", async (page, url, check) => {
  await enterSandbox(page, url);
  const example = await exampleWithSchema(page, url);
  for (const fault of ["fail", "action_required", "stall"]) {
    await page.goto(`${url}/?example=${example}`);
    // A stalled run stays live for as long as the check takes.
    await page.locator('[name="metadata"]').evaluate(
      (field, value) => (field as HTMLTextAreaElement).value = value,
      JSON.stringify({ sandbox: fault }),
    );
    await create(page);
    if (fault === "stall") await page.waitForSelector("#trace .e:nth-child(3)");
    else await page.waitForSelector("html:has(main):not(:has(progress))");
    await check(`run with ${fault}`);
  }
  await page.goto(url);
  await page.locator('textarea[name="input"]').fill("A question");
  await page.locator('input[name="output_type"][value="json"]').check();
  await page.getByRole("button", { name: "Edit as JSON" }).click();
  await page.locator('textarea[name="json_schema"]').fill("{");
  await page.locator('.send button[type="submit"]').first().click();
  await page.waitForSelector('[aria-invalid="true"]');
  await check("form with a mistake");
});

axeTests("the other pages", async (page, url, check) => {
  await page.goto(url);
  await check("front page");
  await page.goto(`${url}/?problem=refused`);
  await check("front page with a problem");
  await enterSandbox(page, url);
  await page.goto(`${url}/tasks`);
  await check("empty history");
  const context = page.context();
  const questions = ["Which rivers rise in Slovenia?"];
  await recorded(context, url, await createRuns(context, url, questions));
  for (const sandbox of ["fail", "action_required", "stall"]) {
    await createRuns(context, url, questions, "lite", { sandbox });
  }
  await page.goto(`${url}/tasks`);
  for (const status of ["completed", "failed", "action_required", "running"]) {
    await page.locator(`.runs [data-status="${status}"]`).first().waitFor();
  }
  await check("history");
  await page.locator('[name="id"]').first().check();
  await page.getByRole("button", { name: "Delete" }).click();
  await page.getByRole("button", { name: "Undo" }).waitFor();
  await check("history after a deletion");
  for (const path of ["/account", "/account?problem=refused", "/account/delete"]) {
    await page.goto(url + path);
    await check(path);
  }
  await page.goto(`${url}/account`);
  await page.getByText("Add another key").click();
  await page.locator('[name="api_key"]').fill("sandbox-another-key");
  await page.getByRole("button", { name: "Continue" }).click();
  await page.getByRole("heading", { name: /^Add key/ }).waitFor();
  await check("question about a key");
  await page.goto(`${url}/auth/callback`);
  await check("sign-in that came to nothing");
  for (const path of ["/nowhere", "/s/nowhere"]) {
    await page.goto(url + path);
    await check(path);
  }
  await page.goto(`${url}/admin`);
  await page.locator('[name="token"]').fill(ADMIN_TOKEN);
  await page.getByRole("button", { name: "Show the figures" }).click();
  await page.getByRole("heading", { name: "Figures" }).waitFor();
  await check("admin");
});

/** A finished run with each of its parts open that float or fold. */
async function checkOpen(page: Page, check: Check): Promise<void> {
  const run = page.url();
  await page.locator(".result a.chip").first().click();
  await page.locator("#citation:popover-open").waitFor();
  await check("open citation");
  await page.keyboard.press("Escape");
  await page.locator(".why > summary").first().click();
  await check("open reasons");
  await page.goto(run);
  const menus = page.locator(".run-actions > .menu > summary");
  await menus.last().click();
  await check("open menu");
  await page.getByRole("button", { name: "Other processors" }).click();
  await page.locator("#other-processors:popover-open").waitFor();
  await check("other processors");
  await page.goto(run);
  await menus.first().click();
  await check("offer to share");
  await page.getByRole("button", { name: "Make a link" }).click();
  await page.locator("#share").waitFor();
  await page.locator("#share .menu > summary").click();
  await check("shared run of its owner");
  const link = await page.locator("#share a").first().getAttribute("href");
  await page.goto(`${run}?find=a#trace`);
  await page.locator(".trace-found").waitFor();
  await check("open trace");
  await page.goto(`${run}?view=raw`);
  await check("result as JSON");
  await page.goto(link!);
  await check("shared run of a visitor");
}

async function create(page: Page): Promise<void> {
  await submit(page);
  await page.waitForURL(/\/tasks\/trun_/);
}

/** The example with the richest result: the one that asks for JSON of a schema. */
async function exampleWithSchema(page: Page, url: string): Promise<string> {
  await page.goto(url);
  const ids = await page.locator('a[href^="/?example="]').evaluateAll((links) =>
    links.map((link) => new URL((link as HTMLAnchorElement).href).searchParams.get("example")!)
  );
  for (const id of ids) {
    await page.goto(`${url}/?example=${id}`);
    const schema = await page.locator('textarea[name="json_schema"]').inputValue();
    if (schema.includes('"array"')) return id;
  }
  throw new Error("No example asks for a list");
}
