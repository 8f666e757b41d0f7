/**
 * The history in real Chromium: it updates live, and every action works with and without JavaScript, by
 * keyboard, and on a phone.
 */
import { assert, assertEquals, assertMatch, assertStrictEquals } from "@std/assert";
import type { Page } from "playwright-core";
import { browserTest } from "../browser_launch.ts";
import { Server } from "../process/server.ts";
import { LOOKS, violations } from "./axe.ts";
import { create, enterSandbox, finished, hasFocus, recorded } from "./steps.ts";

const serve = Server.shared({ SANDBOX_SPEED: "100" });

const PHONE = { width: 360, height: 740 };

const titles = (page: Page) => page.locator(".row-link").allTextContents();

async function noSidewaysScroll(page: Page): Promise<void> {
  const [content, window] = await page.evaluate(() => [
    document.documentElement.scrollWidth,
    document.documentElement.clientWidth,
  ]);
  assert(content! <= window!, `${content} px wide in ${window}`);
}

browserTest(
  "the live list adds, moves, ends and removes runs without a reload, and a hidden tab disconnects",
  async ({ page, context }) => {
    await using server = await Server.start({ SANDBOX_SPEED: "10" });
    await enterSandbox(page, server.url);
    await page.goto(`${server.url}/tasks`);
    await page.getByText("No tasks yet").waitFor();
    await page.evaluate(() => document.body.dataset.mark = "same page");
    await page.getByText("Figures", { exact: true }).first().click();
    await page.getByLabel("Monthly budget in").fill("12");
    const [first] = await create(context, server.url, ["The first one"]);
    const row = page.locator(".runs > li");
    await row.filter({ hasText: "The first one" }).waitFor();
    await page.locator('.runs [data-status="completed"]').waitFor();
    // What stands beside the list is of the same moment, and what was typed there stays.
    assertStrictEquals(await page.getByText("No tasks yet").isVisible(), false);
    const figure = page.locator("#figures tr");
    await figure.filter({ hasText: "Success" }).getByText("100 %").first().waitFor();
    assertStrictEquals(await page.getByLabel("Monthly budget in").inputValue(), "12");
    await create(context, server.url, ["The second one"]);
    await row.nth(1).waitFor();
    assertEquals(await titles(page), ["The second one", "The first one"]);
    await context.request.post(`${server.url}/tasks/${first}/delete`, {
      headers: { "sec-fetch-site": "same-origin" },
    });
    await row.filter({ hasText: "The first one" }).waitFor({ state: "detached" });

    const show = (hidden: boolean) =>
      page.evaluate((hidden) => {
        Object.defineProperty(document, "hidden", { value: hidden, configurable: true });
        document.dispatchEvent(new Event("visibilitychange"));
      }, hidden);
    const gone = () =>
      page.waitForEvent("requestfailed", (request) => request.url().endsWith("/tasks/events"));
    const hidden = gone();
    await show(true);
    await hidden;
    await create(context, server.url, ["While nobody looked"]);
    await show(false);
    await row.filter({ hasText: "While nobody looked" }).waitFor();
    // A page that the browser keeps for the back button has no connection, and goes on when it is shown.
    const turned = (name: string) =>
      page.evaluate((name) => {
        dispatchEvent(new PageTransitionEvent(name, { persisted: true }));
      }, name);
    const kept = gone();
    await turned("pagehide");
    await kept;
    await create(context, server.url, ["While it was kept"]);
    await turned("pageshow");
    await row.filter({ hasText: "While it was kept" }).waitFor();
    const lost = page.getByText("there is no connection to the server");
    await page.evaluate(() => void dispatchEvent(new Event("offline")));
    await lost.waitFor();
    await page.evaluate(() => void dispatchEvent(new Event("online")));
    await lost.waitFor({ state: "detached" });
    assertStrictEquals(await page.evaluate(() => document.body.dataset.mark), "same page");
    // The page would miss its server.
    await page.goto("about:blank");
  },
);

browserTest(
  "ticked runs are counted, can all be ticked or unticked at once, and show their actions",
  async ({ page, context }) => {
    const server = await serve();
    await enterSandbox(page, server.url);
    await create(context, server.url, Array.from({ length: 20 }, (_, index) => `task ${index}`));
    await page.goto(`${server.url}/tasks?processor=lite`);
    assertStrictEquals(await page.locator(".bulk").isVisible(), false);
    await page.locator('[name="id"]').first().check();
    await page.getByText("1 ticked").waitFor();
    const bar = await page.locator(".bulk").boundingBox();
    const { height } = page.viewportSize()!;
    assert(bar !== null && bar.y + bar.height <= height, JSON.stringify(bar));
    const compare = page.getByRole("button", { name: /Compare/ });
    assertMatch(await compare.getAttribute("title") ?? "", /Two to four/);
    assertStrictEquals(await compare.isDisabled(), true);
    await page.locator('[name="id"]').nth(1).check();
    await page.getByText("2 ticked").waitFor();
    assertStrictEquals(await compare.isDisabled(), false);
    await page.getByRole("button", { name: "All", exact: true }).click();
    await page.getByText("20 ticked").waitFor();
    assertStrictEquals(await compare.isDisabled(), true);
    await page.getByRole("button", { name: "Untick all" }).click();
    await page.locator(".bulk").waitFor({ state: "hidden" });
    await hasFocus(page, '.runs > li:first-child [name="id"]');
    // Running again says first what it costs.
    await page.locator('[name="id"]').first().check();
    await page.getByRole("button", { name: "Run again" }).click();
    await page.getByText("The real API would charge $0.005").waitFor();
    assertMatch(page.url(), /processor=lite/);
    await page.getByRole("button", { name: "Run again" }).first().click();
    await page.locator(".runs > li").nth(20).waitFor();
  },
);

browserTest(
  "a list whose session ended says that it is no longer live",
  async ({ page, context }) => {
    const server = await serve();
    await enterSandbox(page, server.url);
    await page.route("**/tasks/events", (route) => route.fulfill({ status: 401, body: "" }));
    await page.goto(`${server.url}/tasks`);
    await page.getByText("the server ended this page’s connection").waitFor();
    await context.clearCookies();
    await page.getByRole("link", { name: "Reload it" }).click();
    await page.waitForURL(/next=%2Ftasks/);
  },
  { allowProblems: true },
);

for (const javaScriptEnabled of [true, false]) {
  browserTest(
    `${
      javaScriptEnabled ? "with" : "without"
    } JavaScript, on a phone: filter, delete and undo, budget, compare, export and import`,
    async ({ page, context }) => {
      const server = await serve();
      await enterSandbox(page, server.url);
      const ids = await create(context, server.url, ["rivers of France", "lakes of Peru"]);
      await recorded(context, server.url, ids);
      await page.goto(`${server.url}/tasks?status=`);
      await noSidewaysScroll(page);

      await page.locator(".more-filters summary").click();
      await page.getByLabel("Processor").selectOption("pro");
      await page.getByRole("button", { name: "Filter" }).click();
      await page.getByText("No task matches").waitFor();
      assertMatch(page.url(), /processor=pro/);
      await page.getByRole("link", { name: "Show all tasks" }).click();

      for (const id of ids) await page.locator(`[value="${id}"]`).check();
      await page.getByRole("button", { name: "Delete" }).click();
      await page.getByText("Deleted 2 tasks").waitFor();
      await page.waitForLoadState();
      assertEquals(await titles(page), []);
      await noSidewaysScroll(page);
      await page.getByRole("button", { name: "Undo" }).click();
      await page.locator(".row-link").nth(1).waitFor();

      await page.getByText("Figures", { exact: true }).first().click();
      await page.getByLabel("Monthly budget in").fill("7.50");
      await page.getByRole("button", { name: "Set" }).click();
      await page.getByText("of $7.50 spent this month").waitFor();

      for (const id of ids) await page.locator(`[value="${id}"]`).check();
      const [download] = await Promise.all([
        page.waitForEvent("download"),
        page.locator(".bulk summary").click()
          .then(() => page.getByRole("button", { name: "ZIP" }).click()),
      ]);
      assertMatch(download.suggestedFilename(), /taskstream\.zip$/);
      await page.getByRole("button", { name: "Compare" }).click();
      await page.getByRole("heading", { name: "2 runs of different inputs" }).waitFor();
      await page.locator("mark").first().waitFor({ state: "attached" });
      await noSidewaysScroll(page);

      await page.goto(`${server.url}/tasks/transfer`);
      await noSidewaysScroll(page);
      const [file] = await Promise.all([
        page.waitForEvent("download"),
        page.getByRole("link", { name: "Export everything" }).click(),
      ]);
      await page.getByLabel("File").setInputFiles(await file.path());
      await page.getByRole("button", { name: "Import" }).click();
      await page.getByText("already exist").waitFor();
    },
    { javaScriptEnabled, viewport: PHONE },
  );
}

browserTest(
  "a task runs on other processors, and the comparison fills in while they run",
  async ({ page, context }) => {
    await using server = await Server.start({ SANDBOX_SPEED: "10" });
    await enterSandbox(page, server.url);
    const [id] = await create(context, server.url, ["Which cities host the most data centres?"]);
    await page.goto(`${server.url}/tasks/${id}`);
    // Before that the page would load its finished self under the pointer.
    await finished(page);
    // The choice opens in place, and says what each costs.
    await page.locator("summary", { hasText: "More actions" }).click();
    await page.getByRole("button", { name: "Other processors" }).click();
    const dialog = page.getByRole("dialog", { name: "Run this task on other processors" });
    await dialog.getByText("$0.025").waitFor();
    await dialog.locator('[name="processor"][value="base"]').check();
    await dialog.locator('[name="processor"][value="core"]').check();
    await page.getByRole("button", { name: "Run and compare" }).click();
    await page.waitForURL(/compare\?ids=[^,]+,[^,]+,/);
    await page.waitForFunction(() =>
      document.querySelectorAll('.compare-heads [data-status="completed"]').length === 3
    );
    await page.getByText(/of \d+ fields differ/).waitFor();
  },
);

for (const look of LOOKS) {
  browserTest(
    `axe finds no problem on the history, a comparison and the transfer page (${look.colorScheme})`,
    async ({ page, context }) => {
      const server = await serve();
      await enterSandbox(page, server.url);
      const ids = await create(context, server.url, ["rivers of France", "lakes of Peru"]);
      await recorded(context, server.url, ids);
      for (
        const path of [
          "/tasks",
          "/tasks?q=rivers&from=never",
          "/tasks?budget=much",
          `/compare?ids=${ids.join(",")}`,
          "/tasks/transfer",
        ]
      ) {
        await page.goto(server.url + path);
        assertEquals(await violations(page), [], path);
      }
    },
    look,
  );
}
