/** The live feed in real Chromium: it holds one connection, releases it, and misses nothing. */
import { assert, assertEquals, assertMatch, assertStrictEquals } from "@std/assert";
import type { Page } from "playwright-core";
import { browserTest } from "../browser_launch.ts";
import { onScriptedRun, QUESTION, rowsAtLeast, type ScriptedRun } from "./scripted_run.ts";
import { finished } from "./steps.ts";

const rowIds = (page: Page) =>
  page.locator("#trace [id^=e]").evaluateAll((rows) => rows.map((row) => row.id));

async function gapless(page: Page): Promise<void> {
  const ids = await rowIds(page);
  assert(ids.length > 5, `${ids.length} rows`);
  assertEquals(ids, ids.map((_, at) => `e${at + 1}`), "every event once, in order");
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

const THOUGHTS = ["Name", "Count", "Compare", "Doubt", "Check", "Sum up"];

/** The run ends, and its finished page comes by itself, with nothing missing. */
async function endOf(run: ScriptedRun, page: Page): Promise<void> {
  run.end();
  await finished(page);
  await gapless(page);
}

/** Scrolls to a row in the middle until the page no longer follows, which it may just do for the last row. */
const scrollUp = (page: Page) =>
  page.waitForFunction(() => {
    document.getElementById("e80")!.scrollIntoView({ block: "center" });
    return document.querySelector('[data-live="follow"][aria-pressed="false"]') !== null;
  });

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!await holds()) await new Promise((resolve) => setTimeout(resolve, 50));
}

browserTest(
  "ten visible windows over plain http all receive events",
  ({ page, context }) =>
    onScriptedRun(page, async (run) => {
      const pages = [page];
      for (let more = 1; more < 10; more++) {
        const another = await context.newPage();
        await another.goto(page.url(), { waitUntil: "domcontentloaded" });
        assertStrictEquals(await another.evaluate(() => document.hidden), false);
        pages.push(another);
      }
      // It does not end: no window gets its connection by another one's end.
      run.say(...THOUGHTS);
      await Promise.all(pages.map(async (each) => {
        await rowsAtLeast(each, 1 + THOUGHTS.length);
        await gapless(each);
      }));
      // Before the server stops, which the pages would report.
      await Promise.all(pages.map((each) => each.close()));
    }),
);

browserTest("a hidden page closes its stream and catches up when shown", ({ page }) => {
  const streams = streamsOf(page);
  return onScriptedRun(page, async (run) => {
    await until(() => streams.open() === 1);
    await setHidden(page, true);
    await until(() => streams.open() === 0);
    const { opened } = streams;
    run.say(...THOUGHTS);
    await setHidden(page, false);
    await rowsAtLeast(page, 1 + THOUGHTS.length);
    assertStrictEquals(streams.opened, opened + 1);
    await endOf(run, page);
    assertStrictEquals(streams.most, 1, "never more than one connection");
  });
});

browserTest(
  "events wait for the code that shows them, which loads slowly and fails at first",
  ({ page }) =>
    onScriptedRun(page, async (run) => {
      const isHeld = Promise.withResolvers<void>();
      let asked = 0;
      await page.route(/\/moving-[^/]+\.js$/, async (route) => {
        if (++asked === 1) return await route.abort();
        await isHeld.promise;
        await route.continue();
      });
      // The server renders the first row.
      await page.reload();
      run.say(...THOUGHTS);
      await until(() => asked === 2);
      assertEquals(await rowIds(page), ["e1"]);
      run.say("Later");
      isHeld.resolve();
      await rowsAtLeast(page, 2 + THOUGHTS.length);
      await page.locator("[data-filter]:visible", { hasText: `Plans ${1 + THOUGHTS.length}` })
        .waitFor();
      await endOf(run, page);
    }),
  { allowProblems: true },
);

browserTest(
  "a run that ends before the code that shows its events is loaded gets its finished page then",
  ({ page }) =>
    onScriptedRun(page, async (run) => {
      const isHeld = Promise.withResolvers<void>();
      await page.route(/\/moving-[^/]+\.js$/, async (route) => {
        await isHeld.promise;
        await route.continue();
      });
      // The stream has nothing more to send.
      const isOver = page.waitForResponse((response) => response.status() === 204);
      await page.reload();
      run.say(...THOUGHTS);
      run.end();
      await isOver;
      assertEquals(await rowIds(page), ["e1"]);
      isHeld.resolve();
      await finished(page);
      await gapless(page);
    }),
);

browserTest(
  "a page whose code the server no longer has loads itself anew, once",
  ({ page }) =>
    onScriptedRun(page, async (run) => {
      // The page's own wait between two attempts is skipped.
      await page.addInitScript(() => {
        const { setTimeout } = globalThis;
        Reflect.set(
          globalThis,
          "setTimeout",
          (action: () => void, ms: number) => setTimeout(action, ms === 2_000 ? 0 : ms),
        );
      });
      let asked = 0, loaded = 0;
      page.on("load", () => loaded++);
      await page.route(/\/moving-[^/]+\.js$/, async (route) => {
        asked++;
        if (loaded < 2) await route.fulfill({ status: 404 });
        else await route.continue();
      });
      await page.reload();
      await until(() => loaded === 2);
      assert(asked > 1, `${asked} attempts`);
      run.say(...THOUGHTS);
      await rowsAtLeast(page, 1 + THOUGHTS.length);
      await endOf(run, page);
    }),
  { allowProblems: true },
);

browserTest(
  "an offline page says so and misses nothing, with one connection at a time",
  (session) => {
    const { page, context } = session;
    const streams = streamsOf(page);
    return onScriptedRun(page, async (run) => {
      run.say("Begin");
      await rowsAtLeast(page, 2);
      await context.setOffline(true);
      await page.getByText(/You are offline/).waitFor();
      run.say(...THOUGHTS);
      await context.setOffline(false);
      await page.getByText(/You are offline/).waitFor({ state: "detached" });
      await rowsAtLeast(page, 2 + THOUGHTS.length);
      await endOf(run, page);
      assertStrictEquals(streams.most, 1);
    });
  },
  { allowProblems: true },
);

browserTest(
  "a run that ends before the network goes keeps its trace, and loads its result when the network is back",
  ({ page, context }) =>
    onScriptedRun(page, async (run) => {
      run.say("Begin");
      await rowsAtLeast(page, 2);
      // The stream survives what new requests do not, as the last moments of a connection do.
      let isAway = true;
      await context.route(/favicon|tasks\/[^/]+$/, (route) =>
        isAway ? route.abort() : route.continue());
      run.end();
      await page.getByText(/The run has ended\. No connection/).waitFor();
      await page.getByText("Begin").first().waitFor();
      isAway = false;
      await page.locator("#result-title").waitFor();
    }),
  { allowProblems: true },
);

browserTest(
  "the search that a reader types in when the run ends keeps its focus, caret and text",
  ({ page }) =>
    onScriptedRun(page, async (run) => {
      run.say(...THOUGHTS);
      await rowsAtLeast(page, 1 + THOUGHTS.length);
      const box = page.locator("#find");
      await box.pressSequentially("Count");
      await box.press("ArrowLeft");
      run.end();
      await page.locator("#result-title").waitFor();
      await page.locator("#find:focus").waitFor();
      assertEquals(
        await box.evaluate((box: HTMLInputElement) => [box.value, box.selectionStart]),
        ["Count", 4],
      );
      await box.press("X");
      assertStrictEquals(await box.inputValue(), "CounXt");
    }),
);

browserTest("a page reconnects after sleep", ({ page }) => {
  const streams = streamsOf(page);
  return onScriptedRun(page, async (run) => {
    await until(() => streams.open() === 1);
    const { opened } = streams;
    await page.evaluate(() => {
      const now = Date.now;
      Date.now = () => now() + 60_000;
    });
    await until(() => streams.opened > opened);
    assertStrictEquals(streams.most, 1);
    run.say(...THOUGHTS);
    await endOf(run, page);
  });
});

browserTest("going back to a live page finds it live, with one connection", ({ page }) => {
  const streams = streamsOf(page);
  return onScriptedRun(page, async (run) => {
    const url = page.url();
    await until(() => streams.open() === 1);
    await page.goto(new URL("/tasks", url).href);
    await until(() => streams.open() === 0);
    await page.goBack();
    assertStrictEquals(page.url(), url);
    await until(() => streams.open() === 1);
    run.say(...THOUGHTS);
    await rowsAtLeast(page, 1 + THOUGHTS.length);
    await endOf(run, page);
    assertStrictEquals(streams.most, 1);
  });
});

browserTest("a hidden tab shows the run's progress and end", async (session) => {
  const { page, context } = session;
  await context.grantPermissions(["notifications"]);
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
  await onScriptedRun(page, async (run) => {
    await page.locator(".trace-tools .menu summary").click();
    await page.locator('[data-live="notify"]').click();
    await page.locator('[data-live="notify"][aria-pressed="true"]').waitFor();
    await setHidden(page, true);
    run.say(...THOUGHTS);
    run.reach(41);
    /** A hidden page looks every 20 s. */
    const looked = (holds: () => Promise<boolean>) =>
      until(async () => {
        await page.clock.fastForward(20_000);
        return await holds();
      });
    await looked(async () => (await page.title()).startsWith(`41 %: ${QUESTION}`));
    const icon = await page.locator("link[rel=icon]").getAttribute("href");
    assertMatch(icon ?? "", /^data:image\/svg\+xml,/);
    const told = () => page.evaluate(() => (globalThis as unknown as { told: string[] }).told);
    assertEquals(await told(), []);
    run.end();
    await looked(async () => (await told()).length > 0);
    const [only = "", ...others] = await told();
    assert(only.startsWith(`Run done | ${QUESTION}`), only);
    assertEquals(others, []);
    await page.waitForFunction(() => document.title.startsWith("done: Which cities"));
    assertStrictEquals(await page.locator(".result").count(), 0, "not reloaded while nobody looks");
    await setHidden(page, false);
    await finished(page);
    await gapless(page);
  });
});

browserTest(
  "10,000 events leave the server's rows unchanged; the newest are on the page and all are reachable",
  ({ page }) =>
    onScriptedRun(page, async (run) => {
      await page.reload();
      await page.evaluate(() =>
        Object.assign(globalThis, { firstRow: document.querySelector("#trace .e") })
      );
      const thoughts = (from: number, to: number) =>
        Array.from(
          { length: to - from },
          (_, n) => `Thought ${from + n}: compare the registries of the region and count`,
        );
      run.say(...thoughts(1, 900));
      await rowsAtLeast(page, 900);
      await gapless(page);
      assert(
        await page.evaluate(() =>
          document.querySelector("#trace .e") ===
            (globalThis as unknown as { firstRow: Element }).firstRow
        ),
        "the row that the server rendered is still the same node",
      );
      run.say(...thoughts(900, 10_000));
      await page.locator("#e10000").waitFor({ state: "attached" });
      const ids = (await rowIds(page)).map((id) => Number(id.slice(1)));
      const [first = 0] = ids;
      assert(ids.length <= 1_200 && first > 1, `${ids.length} rows from ${first} on`);
      assertEquals(ids, ids.map((_, at) => first + at), "every event once, in order");
      // Scrolling back brings what lies before, and the reader stays where they are.
      await page.evaluate(() => scrollTo(0, 0));
      await page.locator(`#e${first - 1}`).waitFor({ state: "attached" });
      const again = (await rowIds(page)).map((id) => Number(id.slice(1)));
      assertEquals(again, again.map((_, at) => again[0]! + at));
      await page.locator("#find").fill("Thought 4321:");
      await page.getByText("1 of 10,000 with “Thought 4321:”").waitFor();
      assertEquals(await rowIds(page), ["e4322"]);
      // A link to any event brings it.
      await page.evaluate(() => location.hash = "#e77");
      await page.locator("#e77").waitFor();
    }),
);

browserTest(
  "search covers a growing live feed, and both times are shown",
  ({ page }) =>
    onScriptedRun(page, async (run) => {
      const shows = (ids: readonly string[]) =>
        page.waitForFunction((wanted) => {
          const rows = [...document.querySelectorAll<HTMLElement>("#trace .e")];
          const shown = rows.filter((row) => row.checkVisibility());
          return shown.map(({ id }) => id).join(" ") === wanted;
        }, ids.join(" "));
      run.say("Count the rivers", "Name the lakes");
      await rowsAtLeast(page, 3);
      await page.locator("#find").fill("RIVER");
      await shows(["e2"]);
      await page.getByText("1 of 3 with “RIVER”").waitFor();
      run.say("Measure the lakes", "Measure the rivers");
      await shows(["e2", "e5"]);
      await page.getByText("2 of 5 with “RIVER”").waitFor();
      await page.locator("#find").fill("");
      await shows(["e1", "e2", "e3", "e4", "e5"]);

      await page.locator(".trace-tools .menu summary").click();
      await page.getByLabel("UTC times").check();
      await page.waitForFunction(() =>
        /\d\d:\d\d:\d\d/.test(
          getComputedStyle(document.querySelector("#e1 time")!, "::before").content,
        )
      );

      // Searched by the server, whose page the script goes on with.
      await page.goto(`${page.url()}?find=lakes`);
      await shows(["e3", "e4"]);
      run.say("Describe the rivers", "Describe the LÁKES");
      await shows(["e3", "e4", "e7"]);
      // A long page drops its earliest rows, but nothing that was found.
      run.say(...Array.from({ length: 1_300 }, (_, n) => `River ${n}`), "Leave the lakes");
      await shows(["e3", "e4", "e7", "e1308"]);
    }),
);

browserTest(
  "a visible tab shows the run's progress too",
  ({ page }) =>
    onScriptedRun(page, async (run) => {
      const title = (begin: string) =>
        page.waitForFunction((text) => document.title.startsWith(text), `${begin}: ${QUESTION}`);
      await title("running");
      run.reach(41);
      await title("41 %");
      run.reach(75);
      await title("75 %");
      await page.reload();
      await title("75 %");
    }),
);

browserTest(
  "a page that follows stays at the newest row if a list grows before it is drawn",
  ({ page }) =>
    onScriptedRun(page, async (run) => {
      await page.evaluate(() => {
        // The rest of the events comes in the same frame as the first ones.
        const { requestAnimationFrame } = globalThis;
        globalThis.requestAnimationFrame = (callback) => {
          globalThis.requestAnimationFrame = requestAnimationFrame;
          queueMicrotask(() => callback(performance.now()));
          return 0;
        };
      });
      // One row more than a list holds.
      run.say(...Array.from({ length: 200 }, (_, n) => `Thought ${n}`));
      await rowsAtLeast(page, 201);
      await page.waitForFunction(() =>
        scrollY > 0 && scrollY + innerHeight >= document.documentElement.scrollHeight - 48
      );
    }),
);

browserTest(
  "a reader in the middle of the trace sees that the run has ended",
  ({ page, context }) =>
    onScriptedRun(page, async (run) => {
      const url = page.url();
      run.say(...Array.from({ length: 200 }, (_, n) => `Thought ${n}`));
      await rowsAtLeast(page, 201);
      await scrollUp(page);
      run.end();
      const pill = page.getByRole("link", { name: /^Done in .* · Read result$/ });
      await pill.waitFor();
      assert(await page.locator("#e80").evaluate((row) => row.checkVisibility()));
      await pill.click();
      await pill.waitFor({ state: "hidden" });
      await page.waitForFunction(() => {
        const top = document.querySelector("#result-title")!.getBoundingClientRect().top;
        return top >= 0 && top < innerHeight;
      });
      // Somebody who comes later is at the answer already.
      const another = await context.newPage();
      await another.goto(url);
      await another.locator("#result-title").waitFor();
      assertStrictEquals(await another.locator("#arrival").isVisible(), false);
    }),
);

browserTest(
  "a failed run leads its reader to the reason",
  ({ page }) =>
    onScriptedRun(page, async (run) => {
      run.say(...Array.from({ length: 200 }, (_, n) => `Thought ${n}`));
      await rowsAtLeast(page, 201);
      await scrollUp(page);
      run.end("failed");
      await page.getByRole("link", { name: /^Failed after .* · See what was kept$/ }).click();
      await page.getByText("The run failed.", { exact: true }).waitFor();
    }),
);

browserTest(
  "numbers on a page that catches up get a time at once",
  ({ page }) =>
    onScriptedRun(page, async (run, cut) => {
      run.say("Name");
      await rowsAtLeast(page, 2);
      cut();
      run.reach(10);
      run.say("Count");
      run.reach(20);
      await rowsAtLeast(page, 5);
      const times = await page.locator("#trace .e time").evaluateAll((cells) =>
        cells.map((cell) => (cell as HTMLTimeElement).dateTime || "–")
      );
      assert(!times.includes("–"), times.join());
      assertEquals(times, [...times].sort(), "and none before the one above it");
    }),
  { allowProblems: true },
);
