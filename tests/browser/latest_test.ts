/** The runs beside the form update while the user writes the next task. */
import { assert, assertStrictEquals } from "@std/assert";
import { browserTest } from "../browser_launch.ts";
import { onScriptedRun } from "./scripted_run.ts";
import { hasValue, INPUT } from "./steps.ts";

/** What the page waits between two looks at the server (ms): the page's clock is the test's. */
const LOOK_MS = 5_000;

browserTest(
  "the latest runs update beside the form without changing typed text",
  async ({ page, context }) => {
    await page.clock.install();
    /** How often the form's page was asked for again. */
    let asked = 0;
    page.on("request", (request) => asked += new URL(request.url()).pathname === "/" ? 1 : 0);
    await onScriptedRun(page, async (scripted) => {
      const { origin } = new URL(page.url());
      await page.goto(origin);
      await page.locator(INPUT).fill("Half a question");
      // The script that refreshes the list loads where a run is in progress.
      await page.locator("#latest-runs[data-followed]").waitFor();

      const run = page.locator("#latest-runs li");
      // A line for the title, and one below it.
      assert((await run.first().boundingBox())!.height < 72);
      const look = () => page.clock.fastForward(LOOK_MS);
      const until = async (pattern: RegExp) => {
        while (!pattern.test(await run.innerText())) {
          await page.locator("#latest-runs section").evaluate((drawn) => drawn.id = "drawn-before");
          await look();
          await page.locator("#drawn-before").waitFor({ state: "detached" });
        }
      };
      scripted.reach(41);
      await until(/Running\s+41 %/);

      // An update keeps the focus on the link.
      await run.getByRole("link").focus();
      asked = 0;
      await look();
      assertStrictEquals(asked, 0);
      await page.locator(INPUT).focus();

      // Without a server it says so, and goes on once there is one.
      await context.setOffline(true);
      const lost = page.getByText("these may be out of date");
      await look();
      await lost.waitFor();
      await context.setOffline(false);
      scripted.end();
      await until(/Done/);
      await lost.waitFor({ state: "hidden" });
      await hasValue(page, "input", "Half a question");

      asked = 0;
      await look();
      assertStrictEquals(asked, 0, "and rests once all are over");
      await page.goto(origin);
      asked = 0;
      await look();
      assertStrictEquals(asked, 0, "as a page does that has none under way");
    });
  },
  { allowProblems: true },
);
