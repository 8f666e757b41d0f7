/** A crash is detected at once on its own host, and lost events are reported. */
import { assert, assertEquals, assertMatch, assertNotMatch, assertStrictEquals } from "@std/assert";
import { parseSSE } from "../../lib/sse/mod.ts";
import { message, state } from "../runs/upstream.ts";
import { RUN } from "../runs/log_tools.ts";
import { Server } from "./server.ts";

const KEY = "pk-takeover-0123456789";
const MESSAGES = 64;
const OUTPUT = { type: "text", content: "x", basis: [] };
/** Below the lease of 10 s, which across hosts a dead process holds its runs for; above any start. */
const AFTER_DEATH_MS = 9_000;
/** Time for a started server to find the run (ms). */
const AFTER_START_MS = 5_000;

const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/**
 * An API whose one run says a message now and then, half of them once its first listener died, and ends some time
 * after that.
 */
class Api implements AsyncDisposable {
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  readonly #listeners = new Set<ReadableStreamDefaultController<Uint8Array>>();
  readonly #encoder = new TextEncoder();
  #said = 0;
  #over = false;
  #ticking: ReturnType<typeof setInterval> | undefined;
  /** When the last listener left; `null` before the first one. */
  #alone: number | null = null;
  readonly #endsAfterMs: number;
  /** The run does not end before, either. */
  endsFromMs = 0;

  constructor(endsAfterMs = AFTER_DEATH_MS) {
    this.#endsAfterMs = endsAfterMs;
    const quiet = { port: 0, hostname: "127.0.0.1", onListen: () => {} };
    this.#server = Deno.serve(quiet, (request) => this.#answer(request));
  }

  get url(): string {
    return `http://127.0.0.1:${this.#server.addr.port}`;
  }

  /** Messages said so far. */
  get said(): number {
    return this.#said;
  }

  get over(): boolean {
    return this.#over;
  }

  #tick(): void {
    if (this.#over) return;
    if (this.#said < (this.#alone === null ? MESSAGES / 2 : MESSAGES)) {
      this.#said++;
      this.#send(message(`m${this.#said}`, this.#said));
    }
    if (this.#alone === null || Date.now() - this.#alone < this.#endsAfterMs) return;
    if (this.#said < MESSAGES || Date.now() < this.endsFromMs) return;
    this.#over = true;
    this.#send(this.#last());
    for (const listener of this.#listeners) listener.close();
    this.#listeners.clear();
  }

  #send(text: string): void {
    for (const listener of this.#listeners) listener.enqueue(this.#encoder.encode(text));
  }

  #last(): string {
    return state("completed", { run: this.#run(), output: OUTPUT });
  }

  #run() {
    const status = this.#over ? "completed" : "running";
    return {
      run_id: RUN,
      interaction_id: RUN,
      status,
      is_active: !this.#over,
      processor: "pro",
      created_at: null,
      modified_at: null,
    };
  }

  #answer(request: Request): Response {
    const { pathname } = new URL(request.url);
    if (request.method === "POST") return Response.json(this.#run(), { status: 202 });
    if (pathname.endsWith("/result")) return Response.json({ run: this.#run(), output: OUTPUT });
    if (!pathname.endsWith("/events")) return Response.json(this.#run());
    let own: ReadableStreamDefaultController<Uint8Array>;
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => {
        own = controller;
        const told = this.#over ? this.#last() : state("running") +
          Array.from({ length: this.#said }, (_, n) => message(`m${n + 1}`, n + 1)).join("");
        controller.enqueue(this.#encoder.encode(told));
        if (this.#over) return controller.close();
        this.#listeners.add(controller);
        this.#ticking ??= setInterval(() => this.#tick(), 50);
      },
      cancel: () => {
        this.#listeners.delete(own);
        this.#alone ??= Date.now();
      },
    });
    return new Response(body, { headers: { "content-type": "text/event-stream" } });
  }

  async [Symbol.asyncDispose]() {
    clearInterval(this.#ticking);
    for (const listener of this.#listeners) listener.close();
    await this.#server.shutdown();
  }
}

async function create(url: string): Promise<void> {
  const response = await fetch(`${url}/api/v1/tasks/runs`, {
    method: "POST",
    headers: { "x-api-key": KEY, "content-type": "application/json" },
    body: JSON.stringify({ input: "A question", processor: "pro" }),
  });
  await response.body?.cancel();
  assertStrictEquals(response.status, 202);
}

/** Watches until this many messages are durable. */
async function seen(url: string, messages: number): Promise<void> {
  const response = await fetch(`${url}/api/v1/tasks/runs/${RUN}/events`, {
    headers: { "x-api-key": KEY },
  });
  let count = 0;
  for await (const { event } of parseSSE(response)) {
    if (event.startsWith("task_run.progress_msg") && ++count === messages) break;
  }
}

/** The run as its page's export has it, once it is over. */
async function finished(url: string) {
  const signIn = await fetch(`${url}/auth/key`, {
    method: "POST",
    redirect: "manual",
    headers: { "sec-fetch-site": "same-origin" },
    body: new URLSearchParams({ api_key: KEY, next: "/" }),
  });
  await signIn.body?.cancel();
  const cookie = signIn.headers.getSetCookie()[0]!.split(";")[0]!;
  for (;;) {
    const response = await fetch(`${url}/tasks/${RUN}/result.json`, { headers: { cookie } });
    const text = await response.text();
    const { run, events } = JSON.parse(text);
    if (run.status === "completed") {
      const page = await (await fetch(`${url}/tasks/${RUN}`, { headers: { cookie } })).text();
      const messages = events.filter(({ event }: { event: { message?: string } }) => event.message);
      return { gaps: run.recording_gaps, messages: messages.length, page };
    }
    await wait(50);
  }
}

Deno.test("a run that ends soon after its server was killed and restarted is recorded completely", async () => {
  await using api = new Api();
  await using server = await Server.start({ PARALLEL_API_URL: api.url, LOG_LEVEL: "error" });
  await create(server.url);
  await seen(server.url, 20);
  await server.stop("SIGKILL");
  // On a busy machine a start takes longer.
  api.endsFromMs = Infinity;
  await server.start();
  api.endsFromMs = Date.now() + AFTER_START_MS;
  const { messages, gaps, page } = await finished(server.url);
  assertStrictEquals(messages, MESSAGES);
  assertEquals(gaps, []);
  assertNotMatch(page, /Not recorded for/);
});

Deno.test("a server that was killed for good is replaced at once by another on the same file, with or without a watch", async () => {
  await using api = new Api();
  await using one = await Server.start({ PARALLEL_API_URL: api.url, LOG_LEVEL: "error" });
  await using two = await one.twin();
  await create(one.url);
  await seen(one.url, 20);
  await one.stop("SIGKILL");
  const { messages, gaps } = await finished(two.url);
  assertStrictEquals(messages, MESSAGES);
  assertEquals(gaps, []);
});

Deno.test("a recording gap during downtime is shown on the page and in the data", async () => {
  await using api = new Api(0);
  await using server = await Server.start({ PARALLEL_API_URL: api.url, LOG_LEVEL: "error" });
  await create(server.url);
  await seen(server.url, 20);
  await server.stop("SIGKILL");
  while (!api.over) await wait(50);
  await server.start();
  const { messages, gaps, page } = await finished(server.url);
  assert(messages >= 20 && messages < MESSAGES, `${messages} messages`);
  assertStrictEquals(gaps.length, 1);
  assert(gaps[0].after >= 20 && gaps[0].from_ms < gaps[0].to_ms);
  assertMatch(page, /Not recorded for/);
});
