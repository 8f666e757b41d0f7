/** Schedules and watches in real Chromium: from a run to its schedule, by keyboard, at 360 px, with axe. */
import { assert, assertEquals } from "@std/assert";
import { browserTest } from "../browser_launch.ts";
import { Server } from "../process/server.ts";
import { violations } from "./axe.ts";

browserTest(
  "a run is scheduled in the browser's time zone, paused and watched; pages fit a phone and axe finds no problem",
  async ({ page, context, newContext }) => {
    await using server = await Server.start({ SANDBOX_SPEED: "50" });
    const problems: string[] = [];
    const check = async (what: string) => {
      problems.push(...(await violations(page)).map((line) => `${what}: ${line}`));
    };
    await page.goto(server.url);
    await page.locator('form[action="/auth/sandbox"] button').first().click();
    await page.locator('textarea[name="input"]').fill("Who leads Halden Robotics?");
    await page.locator('button[type="submit"]:has-text("Create")').first().click();
    await page.waitForURL(/\/tasks\/trun_/);
    const run = page.url();
    await page.locator("#result, .result").first().waitFor();

    const id = run.split("/").at(-1)!;
    await page.goto(`${server.url}/schedules/new?run=${id}`);
    await page.locator("#due-times li", { hasText: "Europe/Berlin" }).first().waitFor();
    assertEquals(await page.locator("#zone").inputValue(), "Europe/Berlin");
    assert(!await page.locator("#cron").isVisible(), "only the fields of the choice");
    await page.locator('[name="every"][value="cron"]').check();
    await page.locator("#cron").fill("15 6 * * 1");
    await page.locator("#due-times li", { hasText: "Mon" }).nth(2).waitFor();
    await page.locator("#due-times", { hasText: "06:15 Europe/Berlin" }).waitFor();
    await check("new schedule");
    await page.getByRole("button", { name: "Create schedule" }).press("Enter");
    await page.waitForURL(/\/schedules\/[0-9a-f-]{36}$/);
    await check("schedule");
    await page.getByRole("button", { name: "Pause" }).press("Enter");
    await page.getByText("You paused this schedule.").waitFor();
    const schedule = page.url();
    await page.goto(`${server.url}/schedules`);
    await check("schedules");

    await page.goto(`${server.url}/watches/new?run=${id}`);
    await check("new watch");
    await page.getByRole("button", { name: "Start watching" }).press("Enter");
    await page.waitForURL(/\/watches\/monitor_/);
    const watch = page.url();
    await check("watch");
    await page.goto(`${server.url}/watches`);
    await check("watches");

    await page.setViewportSize({ width: 360, height: 740 });
    await page.emulateMedia({ colorScheme: "dark" });
    for (
      const path of [
        "/schedules",
        `/schedules/new?run=${id}`,
        "/watches",
        `/watches/new?run=${id}`,
        new URL(watch).pathname,
      ]
    ) {
      await page.goto(server.url + path);
      const wide = await page.evaluate("document.documentElement.scrollWidth");
      assert(Number(wide) <= 360, `${path} is ${wide} px wide`);
      await check(`${path} at 360 px`);
    }
    // A menu fits, too.
    await page.goto(schedule);
    await page.locator("summary", { hasText: "Delete" }).press("Enter");
    await page.getByRole("button", { name: "Delete schedule" }).waitFor();
    const wide = await page.evaluate("document.documentElement.scrollWidth");
    assert(Number(wide) <= 360, `with its menu the page is ${wide} px wide`);
    assertEquals(problems, []);

    // Without script the same pages work.
    const plain = await newContext({ javaScriptEnabled: false });
    await plain.addCookies(await context.cookies());
    const form = await plain.newPage();
    await form.goto(`${server.url}/schedules/new?run=${id}`);
    assertEquals(await form.locator("#zone").inputValue(), "UTC");
    await form.locator('[name="every"][value="week"]').check();
    await form.getByRole("button", { name: "Show the next times" }).click();
    await form.locator("#due-times", { hasText: /Mon .* 09:00 UTC/ }).waitFor();
    await form.getByRole("button", { name: "Create schedule" }).click();
    await form.waitForURL(/\/schedules\/[0-9a-f-]{36}$/);
    await form.goto(watch);
    await form.locator("summary", { hasText: "Cancel watch" }).click();
    await form.getByRole("button", { name: "Cancel watch" }).click();
    await form.getByText("cancelled", { exact: true }).waitFor();
  },
  { timezoneId: "Europe/Berlin" },
);
