/**
 * A proxy that streams again: it keeps one key on the server, gives every event an id, and sends
 * heartbeats, so that browsers can use `EventSource` and resume.
 *
 *     UPSTREAM=https://example.com/events UPSTREAM_KEY=… deno run -A examples/proxy.ts
 */
import { encodeSSEBytes, parseSSE, type SSEOutput } from "../lib/sse/mod.ts";

/** How to reach the upstream. */
export interface ProxyOptions {
  readonly upstream: string;
  readonly key: string;
  readonly heartbeatMs: number;
  readonly fetch?: typeof globalThis.fetch;
}

/** Answers a request with the upstream's events, numbered from 1. */
export async function proxy(request: Request, options: ProxyOptions): Promise<Response> {
  const { upstream, key, heartbeatMs, fetch = globalThis.fetch } = options;
  // When the browser leaves, the signal ends the upstream's request as well.
  const { signal } = request;
  const response = await fetch(upstream, { headers: { "x-api-key": key }, signal });
  if (!response.ok) {
    await response.body?.cancel();
    return new Response("The upstream refused the request.", { status: 502 });
  }
  const after = Number(request.headers.get("last-event-id") ?? 0);
  const events = parseSSE(response, { signal });
  let last = 0;
  let heartbeat: ReturnType<typeof setInterval> | undefined;
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      const beat = () => controller.enqueue(encodeSSEBytes({ comment: "" }));
      heartbeat = setInterval(beat, heartbeatMs);
    },
    // Called only when the browser has taken what came before: a slow one slows the upstream down.
    async pull(controller) {
      for (;;) {
        // A comment after the end would throw, and so end the program.
        const { done, value } = await events.next().catch((error) => {
          clearInterval(heartbeat);
          throw error;
        });
        if (done) {
          clearInterval(heartbeat);
          return controller.close();
        }
        // The upstream replays its stream: skip what this browser has.
        if (++last <= after) continue;
        const { event, data } = value;
        const numbered: SSEOutput = { id: String(last), event, data };
        return controller.enqueue(encodeSSEBytes(numbered));
      }
    },
    async cancel() {
      clearInterval(heartbeat);
      await events.return();
    },
  }, { highWaterMark: 0 });
  const headers = { "content-type": "text/event-stream", "cache-control": "no-store" };
  return new Response(body, { headers });
}

if (import.meta.main) {
  const env = (name: string) => Deno.env.get(name) ?? "";
  const options = { upstream: env("UPSTREAM"), key: env("UPSTREAM_KEY"), heartbeatMs: 15_000 };
  Deno.serve((request) => proxy(request, options));
}
