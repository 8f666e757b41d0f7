/** Shared runs in real Chromium, and axe on shared and finished runs. */
import { assertEquals, assertMatch, assertStrictEquals } from "@std/assert";
import { browserTest } from "../browser_launch.ts";
import { Server } from "../process/server.ts";
import { LOOKS, violations } from "./axe.ts";
import { finishExample, linkOf, TABLE } from "./results.ts";
import { onScriptedRun, rowsAtLeast } from "./scripted_run.ts";
import { finished } from "./steps.ts";

const serve = Server.shared({ SANDBOX_SPEED: "20" });

browserTest(
  "share a live run, let a stranger watch it to its end and reload, revoke it",
  ({ page, newContext }) =>
    onScriptedRun(page, async (run) => {
      run.say("Clarify the objective", "Name the cities");
      await page.getByText("Share", { exact: true }).click();
      await page.getByRole("button", { name: "Make a link" }).click();
      await page.locator("#share").waitFor();
      const link = await linkOf(page);

      const context = await newContext();
      const problems: string[] = [];
      context.on("console", (message) => {
        if (message.type() === "error") problems.push(message.text());
      });
      const stranger = await context.newPage();
      await stranger.goto(link);
      run.say("Compare them");
      await rowsAtLeast(stranger, 4);
      // Its finished page comes by itself.
      run.end();
      await finished(stranger);
      assertMatch(await stranger.locator("main").innerText(), /Shared, read only/);
      const ids = await stranger.locator("#trace [id^=e]").evaluateAll((rows) =>
        rows.map((row) => row.id)
      );
      assertEquals(ids, ids.map((_, at) => `e${at + 1}`));

      // Confirmed with 304, the page in the cache still runs its scripts: the policy is the one it came with.
      const [again] = await Promise.all([
        stranger.waitForResponse((response) => response.url() === link),
        stranger.goto(link),
      ]);
      assertStrictEquals(again.headers()["x-robots-tag"], "noindex, nofollow");
      await stranger.locator("html[data-script=on]").waitFor({ state: "attached" });
      await stranger.locator(".trace-part > summary").click();
      await stranger.locator("#find").fill("objective");
      await stranger.getByText(/ of \d+ with “objective”/).waitFor();
      assertEquals(problems, []);

      // The owner's page has become its finished self too.
      await finished(page);
      await page.getByRole("button", { name: "Stop sharing" }).click();
      await page.locator("#share").waitFor({ state: "detached" });
      const gone = await stranger.goto(link);
      assertStrictEquals(gone?.status(), 404);
    }),
);

for (const look of LOOKS) {
  const { colorScheme, viewport: { width } } = look;
  browserTest(
    `axe finds no problem on finished and shared pages in ${colorScheme} at ${width} px`,
    async ({ page }) => {
      const server = await serve();
      const wrong: string[] = [];
      const check = async (name: string) => {
        await page.evaluate(
          "for (const part of document.querySelectorAll('details:not(.menu)')) part.open = true",
        );
        wrong.push(...(await violations(page)).map((violation) => `${name}: ${violation}`));
      };
      await finishExample(page, server, TABLE);
      await page.getByText("Share", { exact: true }).click();
      await page.getByRole("button", { name: "Make a link" }).click();
      await page.locator("#share").waitFor();
      await check("own page");
      await page.goto(await linkOf(page));
      await check("shared page");
      if (width === 360) {
        // Tables wider than the window, with the basis in their cells.
        await page.goto(`${server.url}/?example=heat-pumps`);
        await page.locator('.send button[type="submit"]').first().click();
        await page.locator(".result table .chip").first().waitFor();
        await check("page with tables");
      }
      assertEquals(wrong, []);
    },
    look,
  );
}
