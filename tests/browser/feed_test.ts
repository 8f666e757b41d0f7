/** The live feed in real Chromium: it holds one connection, gives it up, and misses nothing. */
import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { browserTest } from "../browser_launch.ts";
import { Server } from "../process/server.ts";
import { onTalkativePage, rowsAtLeast } from "./talkative.ts";

/** Signs in to the sandbox and starts a run; resolves on its page. */
async function startRun(page: Page, server: Server, processor = "pro"): Promise<string> {
  await page.goto(server.url);
  await page.locator('form[action="/auth/sandbox"] button').click();
  await page.locator('textarea[name="input"]').fill("Which cities host the most data centres?");
  await page.locator(`input[name="processor"][value="${processor}"]`).check();
  await page.locator('textarea[name="input"]').press("Control+Enter");
  await page.waitForURL(/\/tasks\/trun_/);
  return page.url();
}

const rowIds = (page: Page) =>
  page.locator("#trace > li").evaluateAll((rows) => rows.map((row) => row.id));

async function gapless(page: Page): Promise<void> {
  const ids = await rowIds(page);
  assert.ok(ids.length > 5, `${ids.length} rows`);
  assert.deepEqual(ids, ids.map((_, at) => `e${at + 1}`), "every event once, in order");
}

/**
 * A run's streams of events: how many were opened, are open now, and were open at most at once. The
 * stream of the list of runs is another one.
 */
function streamsOf(page: Page) {
  const open = new Set<unknown>();
  const streams = { opened: 0, open: () => open.size, most: 0 };
  page.on("request", (request) => {
    if (!/\/trun_[^/]+\/events(\?|$)/.test(request.url())) return;
    open.add(request);
    streams.opened++;
    streams.most = Math.max(streams.most, open.size);
  });
  page.on("requestfinished", (request) => open.delete(request));
  page.on("requestfailed", (request) => open.delete(request));
  return streams;
}

/** What a browser tells a page whose tab goes to the back or comes to the front. */
const setHidden = (page: Page, hidden: boolean) =>
  page.evaluate((value) => {
    Object.defineProperty(document, "hidden", { configurable: true, get: () => value });
    document.dispatchEvent(new Event("visibilitychange"));
  }, hidden);

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!await holds()) await new Promise((resolve) => setTimeout(resolve, 50));
}

browserTest("ten windows on plain http, all of them shown, go on together", async (session) => {
  await using server = await Server.start({ SANDBOX_SPEED: "2" });
  // It outlives the test by far: no window gets its connection by another one's end.
  const url = await startRun(session.page, server, "ultra8x");
  const pages = [session.page];
  for (let more = 1; more < 10; more++) {
    const page = await session.context.newPage();
    await page.goto(url, { waitUntil: "domcontentloaded" });
    assert.equal(await page.evaluate(() => document.hidden), false);
    pages.push(page);
  }
  await Promise.all(pages.map(async (page) => {
    await rowsAtLeast(page, (await rowIds(page)).length + 6);
    await gapless(page);
    assert.ok(await page.locator("progress").isVisible(), "the run still goes on");
  }));
  // Before the server stops, which the pages would report.
  await Promise.all(pages.map((page) => page.close()));
});

browserTest(
  "a hidden page lets its stream go and catches up when it is shown",
  async ({ page }) => {
    await using server = await Server.start({ SANDBOX_SPEED: "3" });
    const streams = streamsOf(page);
    await startRun(page, server);
    await rowsAtLeast(page, 3);
    await setHidden(page, true);
    await until(() => streams.open() === 0);
    const before = (await rowIds(page)).length;
    const { opened } = streams;
    await setHidden(page, false);
    await rowsAtLeast(page, before + 3);
    assert.equal(streams.opened, opened + 1);
    await page.locator(".result").waitFor();
    await gapless(page);
    assert.equal(streams.most, 1, "never more than one connection");
  },
);

browserTest("offline is said and nothing is missed; one connection at a time", async (session) => {
  const { page, context } = session;
  await using server = await Server.start({ SANDBOX_SPEED: "3" });
  const streams = streamsOf(page);
  await startRun(page, server);
  await rowsAtLeast(page, 3);
  await context.setOffline(true);
  await page.getByText(/You are offline/).waitFor();
  await context.setOffline(false);
  await page.getByText(/You are offline/).waitFor({ state: "detached" });
  await page.locator(".result").waitFor();
  await gapless(page);
  assert.equal(streams.most, 1);
}, { allowProblems: true });

browserTest("a page that slept connects anew", async ({ page }) => {
  await using server = await Server.start({ SANDBOX_SPEED: "3" });
  const streams = streamsOf(page);
  await startRun(page, server);
  await rowsAtLeast(page, 3);
  const { opened } = streams;
  await page.evaluate(() => {
    const now = Date.now;
    Date.now = () => now() + 60_000;
  });
  await until(() => streams.opened > opened);
  assert.equal(streams.most, 1);
  await page.locator(".result").waitFor();
  await gapless(page);
});

browserTest("going back to a live page finds it alive, with one connection", async ({ page }) => {
  await using server = await Server.start({ SANDBOX_SPEED: "3" });
  const streams = streamsOf(page);
  const url = await startRun(page, server);
  await rowsAtLeast(page, 3);
  await page.goto(`${server.url}/tasks`);
  await until(() => streams.open() === 0);
  await page.goBack();
  assert.equal(page.url(), url);
  await page.locator(".result").waitFor();
  await gapless(page);
  assert.equal(streams.most, 1);
});

browserTest("the tab tells how far the run is and how it ended", async ({ page, context }) => {
  await using server = await Server.start({ SANDBOX_SPEED: "3" });
  await context.grantPermissions(["notifications"], { origin: server.url });
  await page.addInitScript(() => {
    const told: string[] = [];
    Object.assign(globalThis, {
      told,
      Notification: class {
        static permission = "granted";
        static requestPermission(): Promise<string> {
          return Promise.resolve("granted");
        }
        constructor(title: string, options: NotificationOptions) {
          told.push(`${title} | ${options.body}`);
        }
      },
    });
  });
  await page.clock.install();
  await startRun(page, server);
  await page.getByRole("button", { name: "notify me" }).click();
  await page.getByRole("button", { name: "notifying" }).waitFor();
  await rowsAtLeast(page, 8);
  await setHidden(page, true);
  await page.waitForFunction(() => /^\d+ %: Which cities/.test(document.title));
  const icon = await page.locator("link[rel=icon]").getAttribute("href");
  assert.match(icon ?? "", /^data:image\/svg\+xml,/);
  const toldSoFar = () => page.evaluate(() => (globalThis as unknown as { told: string[] }).told);
  await until(async () => {
    // A hidden page looks every 20 s.
    await page.clock.fastForward(20_000);
    return (await toldSoFar()).length > 0;
  });
  const told = await toldSoFar();
  assert.equal(told.length, 1);
  assert.match(told[0] ?? "", /^Run done \| Which cities host/);
  assert.match(await page.title(), /^done: Which cities/);
  assert.equal(await page.locator(".result").count(), 0, "not reloaded while nobody looks");
  await setHidden(page, false);
  await page.locator(".result").waitFor();
  await gapless(page);
});

browserTest(
  "10,000 events come in a few batches, and leave the server's rows alone",
  ({ page }) =>
    onTalkativePage(page, async ({ say }) => {
      await page.reload();
      await page.evaluate(() => {
        const trace = document.querySelector("#trace")!;
        Object.assign(globalThis, { firstRow: trace.firstElementChild, batches: 0, frames: 0 });
        const counts = globalThis as unknown as { batches: number; frames: number };
        new MutationObserver(() => counts.batches++).observe(trace, { childList: true });
        const frame = () => requestAnimationFrame(() => (counts.frames++, frame()));
        frame();
      });
      const thoughts = Array.from(
        { length: 9_999 },
        (_, n) => `Thought ${n}: compare the registries of the region and count what they list`,
      );
      await say(...thoughts);
      await rowsAtLeast(page, 10_000);
      await gapless(page);
      const { batches, frames, same } = await page.evaluate(() => {
        const seen = globalThis as unknown as {
          batches: number;
          frames: number;
          firstRow: Element;
        };
        const same = document.querySelector("#trace")!.firstElementChild === seen.firstRow;
        return { batches: seen.batches, frames: seen.frames, same };
      });
      assert.ok(same, "the row that the server rendered is still the same node");
      assert.ok(batches <= frames, `${batches} batches in ${frames} frames`);
      assert.ok(batches < 500, `${batches} batches`);
    }),
);

browserTest(
  "a live feed is searched as it grows, and tells either time",
  ({ page }) =>
    onTalkativePage(page, async ({ say }) => {
      const shows = (ids: readonly string[]) =>
        page.waitForFunction((wanted) => {
          const rows = [...document.querySelectorAll<HTMLElement>("#trace > li")];
          const shown = rows.filter((row) => row.checkVisibility());
          return shown.map(({ id }) => id).join(" ") === wanted;
        }, ids.join(" "));
      await say("Count the rivers", "Name the lakes");
      await rowsAtLeast(page, 3);
      await page.locator("#find").fill("RIVER");
      await shows(["e2"]);
      await say("Measure the lakes", "Measure the rivers");
      await shows(["e2", "e5"]);
      await page.getByText("2 of 5", { exact: true }).waitFor();
      await page.locator("#find").fill("");
      await shows(["e1", "e2", "e3", "e4", "e5"]);

      const [own, world] = ["first", "last"].map((at) => page.locator(`#e1 time > :${at}-child`));
      await own?.waitFor();
      await page.getByLabel("UTC times").check();
      await world?.waitFor();
      await own?.waitFor({ state: "hidden" });

      // Searched by the server, whose page the script goes on with.
      await page.goto(`${page.url()}?find=lakes`);
      await shows(["e3", "e4"]);
      await say("Describe the rivers", "Describe the lakes");
      await shows(["e3", "e4", "e7"]);
    }),
);

browserTest(
  "a tab that is looked at tells how far the run is too",
  ({ page }) =>
    onTalkativePage(page, async ({ reach }) => {
      const title = (begin: string) =>
        page.waitForFunction((text) => document.title.startsWith(text), `${begin}: Say a lot`);
      const icon = () => page.locator("link[rel=icon]").getAttribute("href");
      await title("running");
      await reach(41);
      await title("41 %");
      const before = await icon();
      assert.match(before ?? "", /^data:image\/svg\+xml,/);
      await reach(75);
      await title("75 %");
      assert.notEqual(await icon(), before);
      await page.reload();
      await title("75 %");
    }),
);
