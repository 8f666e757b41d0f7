/** The runs beside the form update while the user writes the next task. */
import { assert, assertStrictEquals } from "@std/assert";
import { browserTest } from "../browser_launch.ts";
import { Server } from "../process/server.ts";
import { enterSandbox, INPUT, submit } from "./steps.ts";

/** What the page waits between two looks at the server (ms): the page's clock is the test's. */
const LOOK_MS = 5_000;

browserTest(
  "the latest runs update beside the form without changing typed text",
  async (session) => {
    await using server = await Server.start({ SANDBOX_SPEED: "2" });
    const { page } = session;
    await page.clock.install();
    await enterSandbox(page, server.url);
    /** How often the form's page was asked for again. */
    let asked = 0;
    page.on("request", (request) => asked += request.url() === `${server.url}/` ? 1 : 0);
    await page.clock.fastForward(LOOK_MS);
    assertStrictEquals(asked, 0, "nothing is under way");

    await page.locator(INPUT).fill("Which one is the first?");
    await page.locator('input[name="processor"][value="pro"]').check();
    await submit(page);
    await page.waitForURL(/\/tasks\/trun_/);
    await page.goto(server.url);
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
    await until(/Running\s+\d+ %/);

    // An update keeps the focus on the link.
    const link = run.getByRole("link");
    await link.focus();
    asked = 0;
    await look();
    assertStrictEquals(asked, 0);
    await page.locator(INPUT).focus();

    // Without a server it says so, and goes on with the next one.
    await server.stop();
    const lost = page.getByText("these may be out of date");
    await look();
    await lost.waitFor();
    await server.start();
    await until(/Done/);
    await lost.waitFor({ state: "hidden" });
    assertStrictEquals(await page.locator(INPUT).inputValue(), "Half a question");

    asked = 0;
    await look();
    assertStrictEquals(asked, 0, "and rests once all are over");
  },
  { allowProblems: true },
);
