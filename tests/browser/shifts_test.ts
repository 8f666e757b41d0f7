/** Live pages in real Chromium: what comes while one reads moves nothing that is there. */
import { assertStrictEquals } from "@std/assert";
import type { BrowserContext } from "playwright-core";
import { browserTest } from "../browser_launch.ts";
import { Server } from "../process/server.ts";
import { onScriptedRun, rowsAtLeast } from "./scripted_run.ts";
import { create, enterSandbox, shifts } from "./steps.ts";

const VIEWPORTS = [{ width: 1280, height: 800 }, { width: 360, height: 740 }];

/** Two searches with pages, then findings: all that grows, folds and counts. */
const STEPS: readonly (readonly [kind: string, message: string])[] = [
  ["plan", "List the operators of each country, then their owners."],
  ...["Find a list of operators", "Find the owners of the largest"].flatMap((objective) => [
    ["search", `Objective: ${objective}`] as const,
    ...["operators by country", "owners of grids", "sale of a stake"].map((query) =>
      ["search", `Query: ${query}`] as const
    ),
    ...Array.from(
      { length: 11 },
      (_, n) => ["extract", `Extract: https://${"abcdefghijk"[n]}.example/reports/${n}`] as const,
    ),
  ]),
  ...["Most are owned by their state.", "Four countries have more than one."].map((found) =>
    ["result", found] as const
  ),
];

for (const viewport of VIEWPORTS) {
  browserTest(
    `a live run's page at ${viewport.width} px moves nothing while its trace grows`,
    ({ page }) =>
      onScriptedRun(page, async (run) => {
        let events = 1;
        for (const [kind, message] of STEPS) {
          run.report(kind, message);
          await rowsAtLeast(page, ++events);
        }
        run.reach(40);
        await page.getByText("40 %").first().waitFor();
        assertStrictEquals(await shifts(page), 0);
        if (viewport.width > 1_000) return;
        // What was found opens over the trace, and grows there.
        const top = () =>
          page.locator("#trace").evaluate((trace) => trace.getBoundingClientRect().top + scrollY);
        const before = await top();
        await page.locator(".so-far summary").click();
        await page.locator("#found li").first().waitFor();
        assertStrictEquals(await top(), before);
        run.report("result", "Spending rose in most countries.");
        await page.locator("#found li").nth(2).waitFor();
        assertStrictEquals(await top(), before);
      }),
    { viewport },
  );
}

const serve = Server.shared({ SANDBOX_SPEED: "20" });

const SCHEMA = {
  type: "object",
  properties: {
    legal_name: { type: "string", description: "Registered name" },
    employees: { type: "integer", description: "Employees" },
    headquarters: { type: "string", description: "City and country" },
  },
  required: ["legal_name", "employees", "headquarters"],
  additionalProperties: false,
};
const NAMES = "Aalto Bergen Cardamom Dukaat Eurolink Fjordkap Groschen Halden Iberpago Jantar";

/** Sends a table of ten rows. Resolves with the path of its page. */
async function sendBatch(context: BrowserContext, url: string): Promise<string> {
  const made = await context.request.post(`${url}/batches`, {
    form: {
      table: `Company\n${NAMES.replaceAll(" ", "\n")}`,
      output_type: "json",
      json_schema: JSON.stringify(SCHEMA),
      processor: "core",
    },
    headers: { "sec-fetch-site": "same-origin" },
    maxRedirects: 0,
  });
  return made.headers().location!;
}

for (const viewport of VIEWPORTS) {
  browserTest(
    `the live list at ${viewport.width} px moves nothing while runs go on, nor under a pointer when one is new`,
    async ({ page, context }) => {
      const { url } = await serve();
      await enterSandbox(page, url);
      await create(context, url, ["Which rivers rise in Slovenia?"], "ultra");
      await create(context, url, ["Name the largest car ports of Europe"], "core");
      await sendBatch(context, url);
      await page.goto(`${url}/tasks`);
      await page.locator(".runs > li").nth(2).hover();
      await page.locator(".bulk").waitFor({ state: "attached" });
      await create(context, url, ["Who owns the grid of Norway?"]);
      await page.getByText("1 new ↑").waitFor();
      await page.locator('.runs > li:nth-child(3) [data-status="completed"]').waitFor();
      await page.locator('.runs > li:nth-child(1) [data-status="completed"]').waitFor();
      assertStrictEquals(await page.locator(".runs > li").count(), 3);
      assertStrictEquals(await shifts(page), 0);
      await page.getByText("1 new ↑").click();
      await page.locator(".runs > li").nth(3).waitFor();
    },
    { viewport },
  );
}

for (const viewport of VIEWPORTS) {
  browserTest(
    `a live batch's page at ${viewport.width} px moves nothing while its answers come, nor at its end`,
    async ({ page, context }) => {
      const server = await serve();
      await enterSandbox(page, server.url);
      // On the phone notifications were denied.
      if (viewport.width < 1_000) {
        await context.addInitScript(() =>
          Object.defineProperty(Notification, "permission", { value: "denied" })
        );
      }
      await page.goto(server.url + await sendBatch(context, server.url));
      await page.locator('.batch-head [data-status="completed"]').waitFor();
      // On a phone, rows out of sight then show their answers whole.
      if (viewport.width < 1_000) await page.locator("#batch-rows .settled").first().waitFor();
      assertStrictEquals(await shifts(page), 0);
      // While the tab is hidden, the answers get the room that they need.
      await page.locator("#batch-rows.steady").waitFor();
      await page.evaluate(() => {
        Object.defineProperty(document, "hidden", { value: true });
        document.dispatchEvent(new Event("visibilitychange"));
      });
      await page.locator("#batch-rows:not(.steady)").waitFor();
      assertStrictEquals(await page.locator("#batch-rows col").count(), 0);
      // On paper there are all columns and no controls.
      await page.emulateMedia({ media: "print" });
      await page.locator(".filters").waitFor({ state: "hidden" });
      await page.locator(".batch-actions").first().waitFor({ state: "hidden" });
      const cut = await page.locator("#pane").evaluate((pane) =>
        getComputedStyle(pane).overflow === "visible" ? 0 : pane.scrollWidth - pane.clientWidth
      );
      assertStrictEquals(cut, 0);
    },
    { viewport },
  );
}
