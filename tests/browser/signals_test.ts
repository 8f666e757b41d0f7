/**
 * The islands with `@preact/signals` loaded, as in Fresh's runtime. Signals make components with hooks skip
 * a render if all props are identical, even if an object was mutated.
 */
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Page } from "playwright-core";
import { TestApp } from "../app/test_app.ts";
import { browserTest } from "../browser_launch.ts";
import { StreamHost } from "../inspector/stream_host.ts";
import { create, enterSandbox, INPUT } from "./steps.ts";

const ISLANDS = join(import.meta.dirname!, "..", "..", "islands");

/** Islands that are the app's own, and bring the library along. */
async function islandsWithSignals(): Promise<string> {
  const dir = await Deno.makeTempDir({ prefix: "islands-" });
  for await (const { name, isFile } of Deno.readDir(ISLANDS)) {
    if (!isFile) continue;
    const source = JSON.stringify(pathToFileURL(join(ISLANDS, name)).href);
    const text = `import "@preact/signals";\nexport { default } from ${source};\n`;
    await Deno.writeTextFile(join(dir, name), text);
  }
  return dir;
}

async function withSignals(
  run: (origin: string) => Promise<void>,
  config: { sandboxSpeed?: number } = {},
): Promise<void> {
  const islandDir = await islandsWithSignals();
  const app = await TestApp.start({ islandDir, config });
  const server = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen: () => {} },
    (request, info) => app.handle(request, info),
  );
  try {
    await run(`http://127.0.0.1:${server.addr.port}`);
  } finally {
    // A page that asks again now must not hear of a closed store.
    const stopped = server.shutdown();
    await app.close();
    await stopped;
    await Deno.remove(islandDir, { recursive: true });
  }
}

const fact = (page: Page, name: string, value: string) =>
  page.locator(".facts > div", { has: page.locator("dt", { hasText: new RegExp(`^${name}$`) }) })
    .locator("dd", { hasText: new RegExp(`^${value}$`) });

browserTest(
  "with signals loaded, the inspector shows every event of a live stream and its totals",
  ({ page }) =>
    withSignals(async (origin) => {
      await using host = StreamHost.start({ allow: true });
      await page.goto(`${origin}/inspect`);
      await page.locator("#stream-text:enabled").waitFor();
      await page.getByText("A URL", { exact: true }).click();
      await page.locator("#request-url").fill(host.url);
      await page.locator("#request-url").press("Enter");
      await host.asked;
      for (let sent = 1; sent <= 3; sent++) {
        host.send(`event: kind${sent}\ndata: number ${sent}\n\n`);
        await page.locator('[role="option"]').getByText(`number ${sent}`).waitFor();
        await fact(page, "events", `${sent}`).waitFor();
      }
      await page.locator("#stream-type").selectOption("kind2");
      await page.locator("#stream-found", { hasText: "1 of 3" }).waitFor();
      host.send("event: kind2\ndata: number 4\n\n");
      await page.locator("#stream-found", { hasText: "2 of 4" }).waitFor();
      host.close();
      await page.locator(".status", { hasText: "closed by the server" }).waitFor();
      await page.getByRole("button", { name: "Replay" }).waitFor();
    }),
);

browserTest(
  "with signals loaded, ticks are counted, including those the server renders again",
  ({ page, context }) =>
    withSignals(async (origin) => {
      await enterSandbox(page, origin);
      const [one] = await create(context, origin, ["one", "two", "three"]);
      await page.goto(`${origin}/tasks`);
      await page.locator('[name="id"]').nth(1).check();
      await page.getByText("1 ticked").waitFor();
      // As after an action that could not be done.
      await page.goto(`${origin}/tasks?problem=compare&ticked=${one}`);
      await page.getByText("Tick two to four tasks").waitFor();
      await page.getByText("1 ticked").waitFor();
      await page.locator('[name="id"]:checked').waitFor();
      await page.getByRole("button", { name: "All", exact: true }).click();
      await page.getByText("3 ticked").waitFor();
    }, { sandboxSpeed: 100 }),
);

browserTest(
  "with signals loaded, a task is sent from the form and followed to its end",
  ({ page }) =>
    withSignals(async (origin) => {
      await enterSandbox(page, origin);
      await page.locator(".send kbd:visible").waitFor();
      await page.locator(INPUT).fill("Tallest building in Lyon?");
      await page.keyboard.press("Control+Enter");
      await page.waitForURL(/\/tasks\/trun_/);
      await page.locator('[data-status="completed"]').first().waitFor();
    }, { sandboxSpeed: 20 }),
);
