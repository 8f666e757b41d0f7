/** A live page whose run says what its test wants it to, when the test wants it. */
import type { Page } from "playwright-core";
import { TestApp } from "../app/test_app.ts";

/** Waits until the page's trace has so many rows. */
export const rowsAtLeast = (page: Page, count: number) =>
  page.waitForFunction((least) => document.querySelectorAll("#trace > li").length >= least, count);

/** A run that does what a test tells it to. */
export interface ToldRun {
  /** Reports these thoughts. */
  say(...messages: string[]): Promise<void>;
  /** Reports that it has come so far. */
  reach(percent: number): Promise<void>;
}

/** An API whose only run does as told, and never ends. */
function talkative(): { api: (request: Request) => Response; run: ToldRun } {
  const state = {
    run_id: "trun_talkative",
    interaction_id: "trun_talkative",
    status: "running",
    is_active: true,
    processor: "ultra8x",
    metadata: {},
    created_at: new Date().toISOString(),
    modified_at: new Date().toISOString(),
  };
  const encode = (type: string, rest: object) =>
    new TextEncoder().encode(`event: ${type}\ndata: ${JSON.stringify({ type, ...rest })}\n\n`);
  const connected = Promise.withResolvers<ReadableStreamDefaultController<Uint8Array>>();
  const api = ({ url, method }: Request) => {
    const { pathname } = new URL(url);
    if (method === "POST") return Response.json(state, { status: 202 });
    if (!pathname.endsWith("/events")) {
      return Response.json({ type: "error", error: { ref_id: "x", message: "Run id not found" } }, {
        status: 404,
      });
    }
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        controller.enqueue(encode("task_run.state", { run: state }));
        connected.resolve(controller);
      },
    });
    return new Response(body, { headers: { "content-type": "text/event-stream" } });
  };
  const say = async (...messages: string[]) => {
    const controller = await connected.promise;
    const timestamp = new Date().toISOString();
    for (const message of messages) {
      controller.enqueue(encode("task_run.progress_msg.plan", { message, timestamp }));
    }
  };
  const reach = async (percent: number) => {
    const sources = { num_sources_considered: 2, num_sources_read: 1, sources_read_sample: [] };
    const stats = { source_stats: sources, progress_meter: percent };
    (await connected.promise).enqueue(encode("task_run.progress_stats", stats));
  };
  return { api, run: { say, reach } };
}

/** Opens the page of the run of a talkative API, with the run's first event on it. */
export async function onTalkativePage(
  page: Page,
  look: (run: ToldRun) => Promise<void>,
): Promise<void> {
  const { api, run } = talkative();
  const app = await TestApp.start({ api });
  const server = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen: () => {} },
    (request) => app.handle(request),
  );
  try {
    await page.goto(`http://127.0.0.1:${server.addr.port}/`);
    await page.locator('input[name="api_key"]').fill("a-key-of-the-talkative-api");
    await page.locator('form[action="/auth/key"] button[type="submit"]').click();
    await page.locator('textarea[name="input"]').fill("Say a lot");
    await page.locator('textarea[name="input"]').press("Control+Enter");
    await page.waitForURL(/\/tasks\/trun_talkative/);
    await rowsAtLeast(page, 1);
    await look(run);
  } finally {
    await app.close();
    await server.shutdown();
  }
}
