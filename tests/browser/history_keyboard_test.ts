/** The history by keyboard alone, in real Chromium. */
import { assertEquals, assertMatch } from "@std/assert";
import { browserTest } from "../browser_launch.ts";
import { Server } from "../process/server.ts";
import { create, enterSandbox, hasFocus, pressTo, recorded } from "./steps.ts";

const serve = Server.shared({ SANDBOX_SPEED: "100" });

browserTest(
  "keyboard shortcuts: j and k move through the list, x ticks, slash searches, Enter opens",
  async ({ page, context }) => {
    const server = await serve();
    await enterSandbox(page, server.url);
    await create(context, server.url, ["alpha rivers", "beta mountains", "gamma lakes"]);
    await page.goto(`${server.url}/tasks`);
    await page.locator("[data-script=on] .runs").waitFor();
    const focused = (wanted: string) =>
      page.waitForFunction((text) => document.activeElement?.textContent === text, wanted);
    // The keys work once the island is awake.
    await page.waitForFunction(() => {
      dispatchEvent(new Event("focus"));
      document.dispatchEvent(new KeyboardEvent("keydown", { key: "j", bubbles: true }));
      return document.activeElement?.classList.contains("row-link");
    });
    for (let press = 0; press < 5; press++) await page.keyboard.press("k");
    await focused("gamma lakes");
    await page.keyboard.press("j");
    await focused("beta mountains");
    await page.keyboard.press("x");
    await page.keyboard.press("j");
    await focused("alpha rivers");
    await page.keyboard.press("x");
    await page.locator('[name="id"]:checked').nth(1).waitFor();
    await page.keyboard.press("/");
    await hasFocus(page, '[name="q"]');
    await page.keyboard.type("mount");
    await page.keyboard.press("Enter");
    await page.locator("mark").waitFor();
    assertEquals(await page.locator(".row-link").allTextContents(), ["beta mountains"]);
    await page.locator(".row-link").focus();
    await page.keyboard.press("Enter");
    await page.waitForURL(/\/tasks\/trun_/);
  },
);

for (const javaScriptEnabled of [true, false]) {
  browserTest(
    `by keyboard alone, ${
      javaScriptEnabled ? "with" : "without"
    } JavaScript: delete, undo, table, compare, run on another processor, import`,
    async ({ page, context }) => {
      const server = await serve();
      await enterSandbox(page, server.url);
      const ids = await create(context, server.url, ["rivers of France", "lakes of Peru"]);
      await recorded(context, server.url, ids);
      const tabTo = async (selector: string, key?: string) => {
        await pressTo(page, "Tab", selector);
        if (key !== undefined) await page.keyboard.press(key);
      };
      await page.goto(`${server.url}/tasks?processor=lite`);
      for (const id of ids.toReversed()) await tabTo(`[value="${id}"]`, "Space");
      await tabTo('.bulk [value="delete"]', "Enter");
      await page.getByText("Deleted 2 tasks").waitFor();
      await tabTo('[value="undelete"]', "Enter");
      await page.locator(".row-link").nth(1).waitFor();
      assertMatch(page.url(), /\/tasks\?processor=lite$/);

      for (const id of ids.toReversed()) await tabTo(`[value="${id}"]`, "Space");
      await tabTo('.bulk [value="table"]', "Enter");
      await page.waitForURL(/\/tasks\?view=table&ids=/);
      await tabTo(".grid-table td.answer a", "Enter");
      await page.waitForURL(/\/tasks\/trun_/);

      await page.goto(`${server.url}/tasks?processor=lite`);
      for (const id of ids.toReversed()) await tabTo(`[value="${id}"]`, "Space");
      await tabTo('.bulk [value="compare"]', "Enter");
      await page.waitForURL(/\/compare\?ids=[^,]+,[^,]+$/);
      await tabTo(".add-processor summary", "Enter");
      await tabTo('[name="processor"][value="base"]', "Space");
      await tabTo('form[action$="/rerun"] button', "Enter");
      await page.waitForURL(/\/compare\?ids=[^,]+,[^,]+,[^,]+$/);
      await page.getByText("C · base").first().waitFor();
      // Until then the page may load itself again.
      await page.getByText("no result yet").waitFor({ state: "detached" });

      await page.goto(`${server.url}/tasks/transfer`);
      await tabTo("#text");
      await page.keyboard.type("[]");
      await tabTo('form[action="/tasks/transfer"] button', "Enter");
      await page.getByText("0 imported.").waitFor();
    },
    { javaScriptEnabled },
  );
}
