/**
 * The menus and panels around the list, each in its open state: axe finds no problem, nothing scrolls
 * sideways, and no page shifts while it loads.
 */
import { assertEquals } from "@std/assert";
import type { BrowserContext, Page } from "playwright-core";
import { browserTest } from "../browser_launch.ts";
import { Server } from "../process/server.ts";
import { LOOKS, violations } from "./axe.ts";
import { create, enterSandbox } from "./steps.ts";

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

/** Creates tasks that ask for the same fields. */
async function createAlike(context: BrowserContext, url: string, names: readonly string[]) {
  for (const name of names) {
    await context.request.post(`${url}/api/v1/tasks/runs`, {
      data: {
        input: `Company profile of ${name}`,
        processor: "lite",
        task_spec: { output_schema: { type: "json", json_schema: SCHEMA } },
      },
      headers: { "sec-fetch-site": "same-origin" },
    });
  }
}

/** Adds up the shifts that no press or click explains, from the page's first paint on. */
async function watchShifts(context: BrowserContext): Promise<void> {
  await context.addInitScript(() => {
    const shifts: string[] = [];
    Object.assign(globalThis, { shifts });
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) {
        const { hadRecentInput, value, sources = [] } = entry as PerformanceEntry & {
          hadRecentInput: boolean;
          value: number;
          sources?: { node?: Node | null }[];
        };
        if (hadRecentInput) continue;
        const moved = sources.map(({ node }) => (node as Element | null)?.outerHTML?.slice(0, 80));
        shifts.push(`${value.toFixed(4)} ${moved.join(" | ")}`);
      }
    }).observe({ type: "layout-shift", buffered: true });
  });
}

for (const look of LOOKS) {
  const { colorScheme, viewport: { width } } = look;
  browserTest(
    `every open state around the list is accessible in ${colorScheme} at ${width} px`,
    async ({ page, context }) => {
      await using server = await Server.start({ SANDBOX_SPEED: "100" });
      const wrong: string[] = [];
      const check = async (name: string) => {
        wrong.push(...(await violations(page)).map((violation) => `${name}: ${violation}`));
        const shifts = await page.evaluate(() => (globalThis as { shifts?: string[] }).shifts);
        wrong.push(...(shifts ?? []).map((shift) => `${name}: shifts by ${shift}`));
      };
      const open = async (path: string, name = path) => {
        await page.goto(server.url + path);
        await check(name);
      };
      await enterSandbox(page, server.url);
      await watchShifts(context);
      const empty = ["?view=table", "?kind=batch", "?q=nothing", "?from=2026-13-45"];
      for (const query of empty) await open(`/tasks${query}`);
      for (
        const path of ["/compare", "/connect", "/schedules", "/watches", "/account/notifications"]
      ) {
        await open(path);
      }
      await createAlike(context, server.url, ["Aalto Pay", "Bergen Clearing", "Cardamom"]);
      const ids = await create(context, server.url, ["What is the capital of Slovenia?"]);
      await page.goto(`${server.url}/tasks`);
      await page.locator(".runs").waitFor();
      await page.waitForFunction(() =>
        document.querySelectorAll('.runs [data-status="completed"]').length === 4
      );
      await page.reload();
      await check("list");
      await openAll(page, check);
      await page.getByRole("link", { name: "As a table" }).click();
      await page.locator(".grid-table").waitFor();
      await check("table of a schema");
      await open("/tasks?q=cardamom");
      for (const path of ["/schedules/new", "/watches/new"]) await open(`${path}?run=${ids[0]}`);
      assertEquals(wrong, []);
    },
    look,
  );
}

/** Opens what the list can open, one after the other. */
async function openAll(page: Page, check: (name: string) => Promise<void>): Promise<void> {
  const filters = page.locator(".more-filters > summary");
  await filters.click();
  await check("more filters");
  await filters.click();
  await page.locator(".all-figures > summary").click();
  await check("figures");
  await page.locator(".all-figures > summary").click();
  const ticks = page.locator('[name="id"]');
  await ticks.first().check();
  await page.getByText("(2 to 4)").waitFor();
  assertEquals(await overlaps(page, ".bulk > *"), []);
  await ticks.nth(1).check();
  await check("bulk bar");
  const more = page.locator(".bulk .menu > summary");
  await more.click();
  await check("export menu of the bulk bar");
  await more.click();
  await page.locator('.bulk [value="compare"]').click();
  await page.waitForURL(/\/compare\?/);
  await check("comparison");
  await page.locator(".add-processor > summary").click();
  await check("processors to add");
  await page.goBack();
  await page.locator(".runs").waitFor();
}

/** What is visible in a bar's parts and begins before the part before it ends. */
const overlaps = (page: Page, selector: string) =>
  page.locator(selector).evaluateAll((parts) => {
    let end = -Infinity;
    const early: string[] = [];
    for (const part of parts) {
      // Words that only screen readers get have a box, too.
      const shown = [...part.querySelectorAll("svg, b, small, .word")]
        .map((element) => element.getBoundingClientRect()).filter(({ width }) => width > 1);
      if (shown.length === 0) continue;
      if (Math.min(...shown.map(({ left }) => left)) < end) early.push(part.outerHTML);
      end = Math.max(...shown.map(({ right }) => right));
    }
    return early;
  });
