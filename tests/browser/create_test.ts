/** Pressing the form's button twice in real Chromium creates one task and ends on its page. */
import { assertMatch, assertStrictEquals } from "@std/assert";
import type { Page } from "playwright-core";
import { browserTest } from "../browser_launch.ts";
import { Server } from "../process/server.ts";
import { awake, INPUT } from "./steps.ts";

const BUTTON = '.send button[type="submit"]';

/** A Task API whose creates answer when the test says so. */
function slowApi() {
  const arrived = Promise.withResolvers<void>();
  const released = Promise.withResolvers<void>();
  let creates = 0;
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, async (request) => {
    if (request.method !== "POST") {
      return Response.json({ type: "error", error: { message: "Run not found" } }, { status: 404 });
    }
    const { processor } = await request.json();
    creates++;
    arrived.resolve();
    await released.promise;
    const run_id = `trun_${creates}`;
    const created_at = new Date().toISOString();
    const run = { run_id, interaction_id: run_id, status: "queued", is_active: true, processor };
    return Response.json({ ...run, created_at, modified_at: created_at }, { status: 202 });
  });
  return {
    url: `http://127.0.0.1:${server.addr.port}`,
    arrived: arrived.promise,
    release: () => released.resolve(),
    creates: () => creates,
    [Symbol.asyncDispose]: () => {
      released.resolve();
      return server.shutdown();
    },
  };
}

/** Sees the browser end at the one task, and lets go of its stream before the server does. */
async function endsAtTheOne(page: Page, api: ReturnType<typeof slowApi>): Promise<void> {
  await page.waitForURL(/\/tasks\/trun_1$/);
  assertStrictEquals(api.creates(), 1);
  await page.goto("about:blank");
}

async function write(page: Page, url: string): Promise<void> {
  await page.goto(url);
  await page.locator('input[name="api_key"]').fill("pk-test-key-1234");
  await page.locator('input[name="api_key"]').press("Enter");
  await page.locator(INPUT).fill("Once or twice?");
}

for (const javaScriptEnabled of [true, false]) {
  browserTest(
    `a double click creates one task and ends on its page, JavaScript ${
      javaScriptEnabled ? "on" : "off"
    }`,
    async ({ page }) => {
      await using api = slowApi();
      await using server = await Server.start({ PARALLEL_API_URL: api.url });
      await write(page, server.url);
      await page.locator(BUTTON).first().dblclick({ noWaitAfter: true });
      await api.arrived;
      // A request of its own comes back only after the second click's has gone out.
      await page.context().request.get(server.url);
      api.release();
      await endsAtTheOne(page, api);
    },
    { javaScriptEnabled },
  );
}

browserTest(
  "after the browser's Stop the button continues to the created task",
  async ({ page }) => {
    await using api = slowApi();
    await using server = await Server.start({ PARALLEL_API_URL: api.url });
    await write(page, server.url);
    const button = page.locator(BUTTON).first();
    await awake(page);
    await button.evaluate((element) => {
      const record = () => element.setAttribute("data-labels", element.textContent ?? "");
      const watch = new MutationObserver(() => {
        record();
        watch.disconnect();
      });
      watch.observe(element, { childList: true, characterData: true, subtree: true });
    });
    await button.click({ noWaitAfter: true });
    await api.arrived;
    const session = await page.context().newCDPSession(page);
    await session.send("Page.stopLoading");
    await page.waitForFunction(() =>
      document.querySelector("[data-labels]")?.textContent?.startsWith("Create task")
    );
    assertMatch(await button.getAttribute("data-labels") ?? "", /^Creating…/);
    await button.click({ noWaitAfter: true });
    api.release();
    await endsAtTheOne(page, api);
  },
);
