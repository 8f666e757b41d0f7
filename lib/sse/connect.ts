import type { SSEEvent } from "./event.ts";
import type { ConnectSSEInit } from "./init.ts";
import { followSSE } from "./follow.ts";
import { type Leavable, leavable } from "./leave.ts";
import { SSEParser } from "./parser.ts";
import { queued } from "./queue.ts";
import { ask } from "./request.ts";
import { PATIENCE_MS } from "./response.ts";
import { isPassing, quote, retryAfter } from "./said.ts";
import { systemTimers } from "./wait.ts";

/**
 * Follows an event stream over `fetch`, reconnecting with `Last-Event-ID`, until a terminal event,
 * 204, a status or content type that is final, the stream's end where nothing says that it goes on
 * (see `repeat`), or the end of the loop or signal.
 *
 * The wait before a reconnection is what the server asked for (`retry:` and `Retry-After`, whichever
 * is longer) plus a random part of `initialMs * factor ** attempts`, at most `maxMs`.
 *
 * An id that no header can carry (control characters, more than 4,096 bytes) stays the events'
 * id and is not sent. A body that is a stream can be sent once: then there is no second attempt.
 *
 * @throws SSEError of kind `http`, `content-type`, `limit`, `request`, `incomplete` (the stream ended
 * without its terminal event) or `attempts`, and of `network` or `timeout` where the request may not
 * be repeated; the signal's reason.
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
  // What a second request of another method would do, nobody knows.
  const isGet = /^(get|head)$/i.test(init.method ?? "get");
  const repeat = init.repeat ?? (isGet ? undefined : false);
  const reconnect = init.body instanceof ReadableStream
    ? { ...init.reconnect, maxAttempts: 0 }
    : init.reconnect;
  return leavable(
    init.signal,
    (signal) =>
      followSSE(String(url), { ...init, repeat, reconnect }, signal, {
        ask,
        // Callbacks in the order of the stream.
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
