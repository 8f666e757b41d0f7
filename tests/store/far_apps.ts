/** Apps on one distant store, and an API that a test controls. */
import { assertStrictEquals, fail } from "@std/assert";
import { TestApp } from "../app/test_app.ts";
import { type Faults, KvConnectServer } from "./connect/server.ts";

/** A request that is given up stays with Deno's client, which has no way to end it. */
export const leaky = { sanitizeOps: false, sanitizeResources: false };

/** Apps on one store that is far away. */
export async function withApps(
  count: number,
  test: (server: KvConnectServer, ...apps: TestApp[]) => Promise<void>,
  { faults, config }: { faults?: Partial<Faults>; config?: Parameters<typeof TestApp.start>[0] } =
    {},
) {
  await using server = new KvConnectServer(faults);
  const apps: TestApp[] = [];
  try {
    for (let n = 0; n < count; n++) {
      apps.push(
        await TestApp.start({
          ...config,
          config: { kvPath: server.url, sessionSecrets: [SECRET], ...config?.config },
        }),
      );
    }
    await test(server, ...apps);
  } finally {
    server.change({ hang: false, refuseAll: false, refuseWrites: false });
    server.up();
    for (const app of apps) await app.close();
  }
}

const SECRET = "a secret of at least thirty-two characters";

/** Waits for a condition that must become true. */
export async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  while (!await isSo()) await new Promise((resolve) => setTimeout(resolve, 20));
}

/** An API whose runs send what the test sets, replayed on each connection like the real API. */
export function scriptedApi() {
  const runs = new Map<
    string,
    { messages: unknown[]; over: boolean; wake: PromiseWithResolvers<void> }
  >();
  const state = (id: string, over: boolean) => ({
    run_id: id,
    interaction_id: id,
    status: over ? "completed" : "running",
    is_active: !over,
    processor: "lite",
    created_at: "2026-11-01T00:00:00.000000Z",
    modified_at: null,
  });
  const output = { type: "text", content: "Done.", basis: [] };
  const find = (id: string) => runs.get(id) ?? fail(`no run ${id}`);
  return {
    /** Adds a message to a run. */
    say(id: string, message: string) {
      const run = find(id);
      run.messages.push({
        type: "task_run.progress_msg.plan",
        timestamp: new Date(1_800_000_000_000 + run.messages.length).toISOString(),
        message,
      });
      run.wake.resolve();
      run.wake = Promise.withResolvers();
    },
    end(id: string) {
      const run = find(id);
      run.over = true;
      run.wake.resolve();
    },
    api(request: Request): Response {
      const { pathname } = new URL(request.url);
      if (request.method === "POST") {
        const id = `trun_${crypto.randomUUID().replaceAll("-", "")}`;
        runs.set(id, { messages: [], over: false, wake: Promise.withResolvers() });
        return Response.json(state(id, false), { status: 202 });
      }
      const id = /trun_[0-9a-f]{32}/.exec(pathname)?.[0] ?? "";
      const run = runs.get(id);
      if (run === undefined) {
        const error = { ref_id: "x", message: "Run id not found" };
        return Response.json({ type: "error", error }, { status: 404 });
      }
      if (pathname.endsWith("/result")) return Response.json({ run: state(id, true), output });
      if (!pathname.endsWith("/events")) return Response.json(state(id, run.over));
      const encoder = new TextEncoder();
      async function* stream() {
        // The API does not replay the trace of a finished run.
        for (let n = run!.over ? Infinity : 0;;) {
          for (; n < run!.messages.length; n++) {
            yield encoder.encode(`data: ${JSON.stringify(run!.messages[n])}\n\n`);
          }
          if (run!.over) break;
          await run!.wake.promise;
        }
        const end = {
          type: "task_run.state",
          event_id: null,
          input: null,
          run: state(id, true),
          output,
        };
        yield encoder.encode(`event: task_run.state\ndata: ${JSON.stringify(end)}\n\n`);
      }
      return new Response(ReadableStream.from(stream()), {
        headers: { "content-type": "text/event-stream" },
      });
    },
  };
}

/** The one run of {@linkcode stubbedApi}, and a key that it may be created with. */
export const RUN = `trun_${"0123456789abcdef".repeat(2)}`;
export const KEY = "7d2f8a1e-0000-4000-8000-000000000001";

/** An API with one endless run. */
export function stubbedApi(onCreate: () => void): (request: Request) => Response {
  const run = {
    run_id: RUN,
    interaction_id: RUN,
    status: "running",
    is_active: true,
    processor: "lite",
    created_at: new Date().toISOString(),
    modified_at: null,
  };
  return (request) => {
    const { pathname } = new URL(request.url);
    if (request.method === "POST") {
      onCreate();
      return Response.json(run, { status: 202 });
    }
    if (pathname.endsWith("/events")) {
      return new Response(new ReadableStream({}), {
        headers: { "content-type": "text/event-stream" },
      });
    }
    return pathname.includes(RUN)
      ? Response.json(run)
      : Response.json({ type: "error", error: { ref_id: "x", message: "Run id not found" } }, {
        status: 404,
      });
  };
}

/** What streams and responses of `/api` say during a store outage. */
export const AWAY =
  /^: The database does not answer\. Runs in progress are still recorded: .* the database is back\.$/m;

/** Expects the answer while the store is away; returns its body. */
export async function expectAway(response: Response): Promise<string> {
  assertStrictEquals(response.status, 503);
  assertStrictEquals(response.headers.get("retry-after"), "5");
  return await response.text();
}
