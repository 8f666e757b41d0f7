/**
 * A Task API for the benchmarks: creates runs, keeps their streams open, and sends the events that it gets.
 * Clients that ask for raw events get the same events, numbered as Taskstream numbers them: the peers pass
 * these on.
 */
const encoder = new TextEncoder();

/** One run of the upstream. */
interface Run {
  readonly streams: Set<ReadableStreamDefaultController<Uint8Array>>;
  readonly raw: Set<ReadableStreamDefaultController<Uint8Array>>;
  sent: number;
}

/** A Task API under the benchmark's control. */
export class BenchUpstream implements AsyncDisposable {
  readonly url: string;
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  readonly #runs = new Map<string, Run>();
  /** Event streams opened so far. */
  connections = 0;

  constructor() {
    const quiet = { port: 0, hostname: "127.0.0.1", onListen: () => {} };
    this.#server = Deno.serve(quiet, (request) => this.#answer(request));
    this.url = `http://127.0.0.1:${this.#server.addr.port}`;
  }

  /** Makes a run that peers may read raw. */
  create(): string {
    const id = `trun_${crypto.randomUUID().replaceAll("-", "")}`;
    this.#runs.set(id, { streams: new Set(), raw: new Set(), sent: 0 });
    return id;
  }

  /** Sends an event of a run to every open stream and returns it as a viewer gets it. */
  send(runId: string, type: string, payload: Record<string, unknown>): string {
    const run = this.#of(runId);
    const text = `event: ${type}\ndata: ${JSON.stringify({ type, ...payload })}\n\n`;
    const numbered = `id: ${++run.sent}\n${text}`;
    const bytes = encoder.encode(text), raw = encoder.encode(numbered);
    for (const controller of run.streams) controller.enqueue(bytes);
    for (const controller of run.raw) controller.enqueue(raw);
    return numbered;
  }

  /** Sends the state that ends a run, and ends its streams. */
  finish(runId: string): string {
    const run = { ...runJson(runId), status: "completed", is_active: false };
    const output = { type: "text", content: "done", basis: [] };
    const numbered = this.send(runId, "task_run.state", { run, output });
    const { streams, raw } = this.#of(runId);
    for (const controller of [...streams, ...raw]) controller.close();
    this.#runs.delete(runId);
    return numbered;
  }

  /** Whether the run has a reader. */
  isRead(runId: string): boolean {
    return this.#of(runId).streams.size > 0;
  }

  #of(runId: string): Run {
    const run = this.#runs.get(runId);
    if (run === undefined) throw new Error(`No run ${runId}`);
    return run;
  }

  #answer(request: Request): Response {
    const { pathname } = new URL(request.url);
    if (request.method === "POST") {
      return Response.json(runJson(this.create()), { status: 202 });
    }
    const [, runId = ""] = /^\/(?:raw|v1\/tasks\/runs)\/(\w+)/.exec(pathname) ?? [];
    const run = this.#runs.get(runId);
    if (run === undefined) {
      return Response.json({ type: "error", error: { message: "Run not found" } }, { status: 404 });
    }
    const set = pathname.startsWith("/raw/") ? run.raw : run.streams;
    this.connections++;
    let own: ReadableStreamDefaultController<Uint8Array> | undefined;
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => void set.add(own = controller),
      cancel: () => void (own && set.delete(own)),
    });
    return new Response(body, { headers: { "content-type": "text/event-stream" } });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { streams, raw } of this.#runs.values()) {
      for (const controller of [...streams, ...raw]) controller.close();
    }
    await this.#server.shutdown();
  }
}

function runJson(run_id: string): Record<string, unknown> {
  return {
    run_id,
    interaction_id: run_id,
    status: "queued",
    is_active: true,
    processor: "pro",
    metadata: {},
    created_at: "2026-01-01T00:00:00.000000Z",
    modified_at: "2026-01-01T00:00:00.000000Z",
  };
}
