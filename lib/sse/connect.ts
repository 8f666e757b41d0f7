import { queued, type SSEEvent } from "./event.ts";
import type { ConnectSSEInit } from "./init.ts";
import { followSSE } from "./follow.ts";
import { type Leavable, leavable } from "./leave.ts";
import { SSEParser } from "./parser.ts";
import { ask } from "./request.ts";
import { PATIENCE_MS } from "./response.ts";
import { isPassing, quote, retryAfter } from "./server_message.ts";
import { systemTimers } from "./wait.ts";

/**
 * Follows an event stream over `fetch`, and reconnects with `Last-Event-ID`. It ends with a terminal
 * event, a 204, or the end of a stream that is not repeated (see `repeat`), and when the loop is left
 * or the signal aborts.
 *
 * Delay before reconnecting = max(`retry:`, `Retry-After`) + random × min(`maxMs`, `initialMs` ×
 * `factor`^attempts). `maxMs` does not cap what the server asks for.
 *
 * An id that does not fit into a header (control characters, more than 4,096 bytes) is not sent, but
 * stays the events' id. A body that is a stream can be sent only once, so there is no second attempt.
 *
 * @throws SSEError of kind `http`, `content-type`, `limit`, `request`, `incomplete` (the stream ended
 * without its terminal event) or `attempts`, and of kind `network` or `timeout` if the request may not
 * be repeated. Throws the signal's reason.
 *
 * @example
 * ```ts
 * import { connectSSE } from "./mod.ts";
 *
 * const events = connectSSE("https://example.com/runs/1/events", {
 *   fetch: () =>
 *     Promise.resolve(
 *       new Response("data: done\n\n", { headers: { "content-type": "text/event-stream" } }),
 *     ),
 *   isTerminal: (event) => event.data === "done",
 * });
 * for await (const event of events) {
 *   if (event.data !== "done") throw new Error(event.data);
 * }
 * ```
 */
export function connectSSE(
  url: string | URL,
  init: ConnectSSEInit = {},
): Leavable<SSEEvent> {
  const { isRetryable = isPassing, timers = systemTimers } = init;
  const once = init.body instanceof ReadableStream && { reconnect: { maxAttempts: 0 } };
  return leavable(
    init.signal,
    (signal) =>
      followSSE(String(url), { ...init, ...once }, signal, {
        ask,
        // Calls callbacks in the order of the stream.
        parser: (options, found) => new SSEParser(queued(options, found)),
        async refused(error, response, reader, leave) {
          const timer = timers.setTimeout(leave, PATIENCE_MS);
          await quote(error, reader);
          timers.clearTimeout(timer);
          return error.kind === "http" && isRetryable(response, error.body!)
            ? retryAfter(response.headers.get("retry-after"), timers.now())
            : undefined;
        },
      }),
  );
}
