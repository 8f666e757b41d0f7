/** A page is painted only when complete: parts that arrive later would move it. */
import { assert, assertEquals } from "@std/assert";
import { browserTest } from "../browser_launch.ts";
import { Server } from "../process/server.ts";
import { create, enterSandbox } from "./steps.ts";

/** Passes requests on to a server; a page stops in the middle of its toolbar until `release` is called. */
function stopping(target: () => string, cut: string) {
  const { promise: released, resolve: release } = Promise.withResolvers<void>();
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, async (req) => {
    const { pathname, search } = new URL(req.url);
    const headers = new Headers(req.headers);
    headers.delete("host");
    const response = await fetch(target() + pathname + search, { headers });
    if (!response.headers.get("content-type")?.startsWith("text/html")) return response;
    const page = await response.text();
    const at = page.indexOf(cut);
    assert(at > 0, `the page has ${cut}`);
    const body = new ReadableStream<string>({
      async start(controller) {
        controller.enqueue(page.slice(0, at));
        await released;
        controller.enqueue(page.slice(at));
        controller.close();
      },
    });
    return new Response(body.pipeThrough(new TextEncoderStream()), {
      // Deno would compress the body, and keep its start until there is enough of it.
      headers: { "content-type": "text/html; charset=utf-8", "cache-control": "no-transform" },
    });
  });
  return { url: `http://127.0.0.1:${server.addr.port}`, server, release };
}

browserTest(
  "a page is painted only when it has arrived completely",
  async ({ page, context }) => {
    await using server = await Server.start({ SANDBOX_SPEED: "100" });
    await enterSandbox(page, server.url);
    await create(context, server.url, ["What is the capital of Slovenia?"]);
    const proxy = stopping(() => server.url, '<ol class="runs');
    await using _ = proxy.server;
    try {
      await page.goto(`${proxy.url}/tasks`, { waitUntil: "commit" });
      // By the clock: what waits for frames waits for the first paint.
      await page.waitForFunction(() => document.querySelector("h1"), null, { polling: 20 });
      // A page that may be painted by now has been: its style is there, and a whole page has gone to and fro.
      const painted = await page.evaluate(async () => {
        await Promise.all(
          [...document.querySelectorAll<HTMLLinkElement>("link[rel=stylesheet]")].map((
            { sheet, href },
          ) => sheet ?? fetch(href)),
        );
        for (let asked = 0; asked < 20; asked++) await (await fetch("/styles.css")).text();
        return performance.getEntriesByType("paint").length;
      });
      assertEquals(painted, 0);
      proxy.release();
      await page.locator(".runs").waitFor();
      await page.waitForFunction(() => performance.getEntriesByType("paint").length > 0);
    } finally {
      proxy.release();
      await page.close();
    }
  },
);
