/** A live page whose run does what the test says, when it says so, on a machine of any speed. */
import type { Page } from "playwright-core";
import type { Config } from "../../lib/config.ts";
import { TestApp } from "../app/test_app.ts";
import { create } from "./steps.ts";

/** What is asked of the run, and with that its title. */
export const QUESTION = "Which cities host the most data centres?";

/** An API whose only run does as it is told. */
export class ScriptedRun {
  readonly #frames: Uint8Array[] = [];
  readonly #streams = new Set<ReadableStreamDefaultController<Uint8Array>>();
  #status = "running";

  constructor() {
    this.#tell("task_run.state", { run: this.#run() });
  }

  /** The API. Every stream begins with all that was told so far. */
  readonly api = ({ url, method }: Request): Response => {
    const { pathname } = new URL(url);
    if (method === "POST") return Response.json(this.#run(), { status: 202 });
    if (!pathname.endsWith("/events")) {
      const error = { ref_id: "x", message: "Run id not found" };
      return Response.json({ type: "error", error }, { status: 404 });
    }
    const body = new ReadableStream<Uint8Array>({
      start: (stream) => {
        for (const frame of this.#frames) stream.enqueue(frame);
        if (this.#status === "running") this.#streams.add(stream);
        else stream.close();
      },
    });
    return new Response(body, { headers: { "content-type": "text/event-stream" } });
  };

  /** Reports these thoughts. */
  say(...messages: string[]): void {
    for (const message of messages) this.report("plan", message);
  }

  /** Reports progress of any kind. */
  report(kind: string, message: string): void {
    const timestamp = new Date().toISOString();
    this.#tell(`task_run.progress_msg.${kind}`, { message, timestamp });
  }

  /** Reports that it has come so far (percent). */
  reach(percent: number): void {
    const sources = { num_sources_considered: 2, num_sources_read: 1, sources_read_sample: [] };
    this.#tell("task_run.progress_stats", { source_stats: sources, progress_meter: percent });
  }

  /** Completes with a text, or fails. */
  end(
    status: "completed" | "failed" = "completed",
    content = "Frankfurt, London, Amsterdam",
  ): void {
    this.#status = status;
    const output = status === "failed" ? null : { type: "text", content, basis: [] };
    this.#tell("task_run.state", { run: this.#run(), output });
    for (const stream of this.#streams) stream.close();
    this.#streams.clear();
  }

  #run() {
    const now = new Date().toISOString();
    return {
      run_id: "trun_told",
      interaction_id: "trun_told",
      status: this.#status,
      is_active: this.#status === "running",
      processor: "ultra8x",
      metadata: {},
      created_at: now,
      modified_at: now,
    };
  }

  #tell(type: string, rest: object) {
    const text = `event: ${type}\ndata: ${JSON.stringify({ type, ...rest })}\n\n`;
    const frame = new TextEncoder().encode(text);
    this.#frames.push(frame);
    for (const stream of this.#streams) stream.enqueue(frame);
  }
}

/**
 * Opens the page of a told run, with the run's first event on it. `cut` breaks the streams that the page
 * has open.
 */
export async function onScriptedRun(
  page: Page,
  look: (run: ScriptedRun, cut: () => void) => Promise<void>,
  config: Partial<Config> = {},
): Promise<void> {
  const run = new ScriptedRun();
  const app = await TestApp.start({ api: run.api, config });
  let breaking = new AbortController();
  const cut = () => {
    breaking.abort();
    breaking = new AbortController();
  };
  const server = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen: () => {}, onError: () => new Response() },
    async (request) => {
      const response = await app.handle(request);
      const isStream = response.headers.get("content-type")?.startsWith("text/event-stream");
      if (response.body === null || !isStream) return response;
      const { signal } = breaking;
      return new Response(response.body.pipeThrough(new TransformStream(), { signal }), response);
    },
  );
  const url = `http://127.0.0.1:${server.addr.port}`;
  try {
    await page.goto(url);
    await page.locator('input[name="api_key"]').fill("a-key-of-the-told-api");
    await page.locator('form[action="/auth/key"] button[type="submit"]').click();
    await page.locator('textarea[name="input"]').waitFor();
    const [id] = await create(page.context(), url, [QUESTION], "ultra8x");
    await page.goto(`${url}/tasks/${id}`);
    await rowsAtLeast(page, 1);
    await look(run, cut);
  } finally {
    // A page that asks again now must not hear of a closed store.
    const stopped = server.shutdown();
    await app.close();
    await stopped;
  }
}

/** Waits until the page's trace has so many events. A page that is asked in every frame has to make frames. */
export const rowsAtLeast = (page: Page, count: number) =>
  page.locator("#trace [id^=e]").nth(count - 1).waitFor({ state: "attached" });
