/** A stopped server exits by itself, despite its clients, and loses nothing billed. */
import { assertEquals, assertStrictEquals } from "@std/assert";
import { parseSSE } from "../../lib/sse/mod.ts";
import { Server } from "./server.ts";

const SANDBOX = { "x-api-key": "sandbox-drain-1" };
const REAL = { "x-api-key": "pk-drain-1" };
const RUN_ID = `trun_${"d".repeat(32)}`;

const run = {
  run_id: RUN_ID,
  interaction_id: RUN_ID,
  status: "running",
  is_active: true,
  processor: "lite",
  created_at: "2026-01-01T00:00:00.000000Z",
  modified_at: "2026-01-01T00:00:00.000000Z",
};

/** A Task API that starts every response, and ends them only when the test says so. */
class EndlessApi {
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  readonly #arrived = new Map<string, PromiseWithResolvers<void>>();
  readonly #over = new AbortController();
  /** Lets the create be answered. */
  readonly create = Promise.withResolvers<void>();

  constructor() {
    const quiet = { port: 0, hostname: "127.0.0.1", onListen: () => {} };
    this.#server = Deno.serve(quiet, async (request) => {
      const { pathname } = new URL(request.url);
      await request.text();
      this.#arrivalOf(pathname).resolve();
      if (pathname === "/v1/tasks/runs") {
        await this.create.promise;
        return Response.json(run, { status: 202 });
      }
      if (pathname.endsWith("/result")) return await this.#never(request.signal);
      return new Response(this.#stream(), { headers: { "content-type": "text/event-stream" } });
    });
  }

  get url(): string {
    return `http://127.0.0.1:${this.#server.addr.port}`;
  }

  /** Resolves when a request for a path has come. */
  arrived(path: string): Promise<void> {
    return this.#arrivalOf(path).promise;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#over.abort();
    await this.#server.shutdown();
  }

  #arrivalOf(path: string): PromiseWithResolvers<void> {
    const arrival = this.#arrived.get(path) ?? Promise.withResolvers<void>();
    this.#arrived.set(path, arrival);
    return arrival;
  }

  #stream(): ReadableStream<Uint8Array> {
    return new ReadableStream({
      start: (controller) => {
        controller.enqueue(new TextEncoder().encode("data: {}\n\n"));
        const end = () => {
          try {
            controller.close();
          } catch {
            // The other side was faster.
          }
        };
        if (this.#over.signal.aborted) end();
        this.#over.signal.addEventListener("abort", end);
      },
    });
  }

  async #never(caller: AbortSignal): Promise<Response> {
    const { promise, resolve } = Promise.withResolvers<void>();
    for (const signal of [caller, this.#over.signal]) {
      signal.addEventListener("abort", () => resolve());
    }
    await promise;
    return new Response(null, { status: 503 });
  }
}

async function createSandboxRun(url: string, body: Record<string, unknown>): Promise<string> {
  const response = await fetch(`${url}/api/v1/tasks/runs`, {
    method: "POST",
    headers: { ...SANDBOX, "content-type": "application/json" },
    body: JSON.stringify({ input: "x", processor: "lite", enable_events: true, ...body }),
  });
  assertStrictEquals(response.status, 202);
  return (await response.json()).run_id;
}

/** Requests a path without reading the response. */
async function unread(url: string, path: string): Promise<Deno.Conn> {
  const { hostname, port } = new URL(url);
  const connection = await Deno.connect({ hostname, port: Number(port) });
  const head = `GET ${path} HTTP/1.1\r\nhost: ${hostname}:${port}\r\nx-api-key: ${
    SANDBOX["x-api-key"]
  }\r\n\r\n`;
  await connection.write(new TextEncoder().encode(head));
  return connection;
}

Deno.test("a stopped server exits in time with code 0 despite open connections, and finishes a create", async () => {
  await using api = new EndlessApi();
  await using server = await Server.start({ PARALLEL_API_URL: api.url, SANDBOX_SPEED: "20" });
  const { url } = server;
  const ask = (path: string, init: RequestInit = {}) =>
    fetch(`${url}/api${path}`, { headers: REAL, ...init });

  // A finished run of several MB and its viewer that does not read.
  const huge = await createSandboxRun(url, { metadata: { sandbox: "huge" } });
  const whole = await fetch(`${url}/api/v1/tasks/runs/${huge}/events`, { headers: SANDBOX });
  await whole.bytes();
  using _finished = await unread(url, `/api/v1/tasks/runs/${huge}/events`);
  // A live run, a viewer that reads and one that does not.
  const live = await createSandboxRun(url, {
    processor: "ultra8x",
    metadata: { sandbox_seconds: 3600 },
  });
  const viewer = parseSSE(
    await fetch(`${url}/api/v1/tasks/runs/${live}/events`, { headers: SANDBOX }),
  );
  await viewer.next();
  using _live = await unread(url, `/api/v1/tasks/runs/${live}/events`);
  // Streams of other resources and a result that is waited for, passed through.
  const passed = [
    ask("/v1/tasks/groups/g/events"),
    ask("/v1beta/chat/completions", { method: "POST", body: "{}" }),
  ];
  const streams = await Promise.all(passed);
  assertEquals(streams.map(({ status }) => status), [200, 200]);
  const result = ask(`/v1/tasks/runs/${RUN_ID}/result?timeout=600`).then(
    (response) => response.body?.cancel(),
    () => {},
  );
  await api.arrived(`/v1/tasks/runs/${RUN_ID}/result`);
  const create = ask("/v1/tasks/runs", {
    method: "POST",
    body: JSON.stringify({ input: "billed", processor: "lite" }),
  }).then((response) => response.json(), () => null);
  await api.arrived("/v1/tasks/runs");

  const stopped = server.stop();
  // The viewer's stream ends cleanly, so that it resumes elsewhere; only then the create is answered.
  for await (const _ of viewer);
  api.create.resolve();
  assertStrictEquals(await stopped, 0);
  assertStrictEquals((await create)?.run_id, RUN_ID);
  await Promise.all([result, ...streams.map((stream) => stream.body?.cancel().catch(() => {}))]);

  await server.start();
  const again = await fetch(`${server.url}/api/v1/tasks/runs/${RUN_ID}/events`, { headers: REAL });
  assertStrictEquals(again.status, 200, "the create was recorded");
  await again.body?.cancel();
});
