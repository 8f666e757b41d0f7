import { SSEError } from "./error.ts";
import type { SSEEvent } from "./event.ts";
import { SSEParser, type SSEParserOptions } from "./parser.ts";
import {
  isOffline,
  LONGEST_WAIT_MS,
  type Network,
  pause,
  retryAfter,
  systemTimers,
  type Timers,
} from "./wait.ts";

/** How long to wait before connecting again, and how often. */
export interface ReconnectPolicy {
  /** The longest first wait, ms; the wait is a random part of it (full jitter). Default 1,000. */
  initialMs?: number;
  /** The longest wait, ms, before what the server asked for is added. Default 30,000. */
  maxMs?: number;
  /** What the longest wait is multiplied by at each failure in a row. Default 2. */
  factor?: number;
  /** Reconnections since the last progress before giving up; `Infinity` never does. Default 10. */
  maxAttempts?: number;
  /** A number in [0, 1). Default `Math.random`. */
  random?: () => number;
}

/** Where a connection is, for a status line. `attempt` counts from the last progress. */
export type ConnectState =
  | { state: "connecting"; attempt: number }
  | { state: "open"; response: Response }
  | {
    state: "waiting";
    attempt: number;
    /** Until the next attempt; offline, until the network is back instead. */
    ms: number;
    offline: boolean;
    /** What ended the last connection; none after a clean end. */
    error?: SSEError;
  }
  | Closed;

/** Why a connection is over; `error` is what the loop throws. */
interface Closed {
  state: "closed";
  reason: "terminal" | "no-content" | "aborted" | "returned" | "failed";
  error?: unknown;
}

/** Everything `fetch` takes, what a parser takes, and how to stay connected. */
export interface ConnectSSEInit
  extends Omit<RequestInit, "signal">, Omit<SSEParserOptions, "onEvent"> {
  /** Makes the requests. Default the global `fetch`. */
  fetch?: (url: string, init: RequestInit & { headers: Headers }) => Promise<Response>;
  /** Ends everything with the signal's reason. */
  signal?: AbortSignal;
  /** True for an event after which there is nothing more: it is yielded, and the loop ends. */
  isTerminal?: (event: SSEEvent) => boolean;
  /** True for an event that is new, so that attempts and waits start over. Default: every event. */
  isProgress?: (event: SSEEvent) => boolean;
  /** True for an answer worth another try. Default: status 429, 502, 503 or 504. */
  isRetryable?: (response: Response) => boolean;
  reconnect?: ReconnectPolicy;
  /** Silence, comments included, after which a connection counts as dead, ms. Default none. */
  idleTimeoutMs?: number;
  /** The longest wait for response headers, ms. Default none. */
  connectTimeoutMs?: number;
  onState?: (state: ConnectState) => void;
  timers?: Timers;
  /** Default `globalThis`: a browser tells when it is offline. */
  network?: Network;
}

const RETURNED = "returned";

/**
 * Follows an event stream over `fetch`, reconnecting with `Last-Event-ID`, until a terminal event,
 * 204, a status or content type that is final, or the end of the loop or signal.
 *
 * The wait before a reconnection is what the server asked for (`retry:` and `Retry-After`, whichever
 * is longer) plus a random part of `initialMs * factor ** attempts`, at most `maxMs`.
 *
 * A body that is a stream can be sent once: then there is no second attempt.
 *
 * @throws SSEError of kind `http`, `content-type`, `limit` or `attempts`; the signal's reason.
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
): AsyncIterableIterator<SSEEvent> {
  const stop = new AbortController();
  const events = follow(String(url), init, stop.signal);
  return {
    next: () => events.next(),
    return() {
      // A generator's own return would wait for the next event; this ends that wait.
      stop.abort(RETURNED);
      return events.return(undefined);
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

async function* follow(
  url: string,
  init: ConnectSSEInit,
  returned: AbortSignal,
): AsyncGenerator<SSEEvent, undefined> {
  const {
    fetch = globalThis.fetch,
    signal,
    isTerminal,
    isProgress = () => true,
    isRetryable = ({ status }) => [429, 502, 503, 504].includes(status),
    reconnect: { initialMs = 1000, maxMs = 30_000, factor = 2, maxAttempts = 10, random } = {},
    idleTimeoutMs,
    connectTimeoutMs,
    onState,
    timers = systemTimers,
    network = globalThis,
    lastEventId,
  } = init;
  const attempts = init.body instanceof ReadableStream ? 0 : maxAttempts;
  const ending = signal ? AbortSignal.any([signal, returned]) : returned;
  let lastId = lastEventId ?? "";
  let attempt = 0;
  let askedMs = 0;
  let closed: Omit<Closed, "state"> = { reason: "returned" };

  try {
    for (;;) {
      const connection = new AbortController();
      const abort = () => connection.abort(ending.reason);
      let error: SSEError | undefined;
      let retryAfterMs = 0;
      const { signal: ended } = connection;
      let timer: unknown;
      const startTimer = (ms: number | undefined, what: string) => {
        const late = () => connection.abort(new SSEError("timeout", what + " for " + ms + " ms"));
        timer = ms && timers.setTimeout(late, ms);
      };
      // What ended the connection tells more than how the network put it.
      const failure = (cause: unknown) =>
        ended.aborted ? ended.reason : new SSEError("network", String(cause), { cause });

      try {
        ending.throwIfAborted();
        ending.addEventListener("abort", abort);
        onState?.({ state: "connecting", attempt });
        const headers = new Headers(init.headers);
        if (!headers.has("accept")) headers.set("accept", "text/event-stream");
        if (lastId) headers.set("last-event-id", latin1(lastId));
        // What is not fetch's own it ignores.
        const answer = fetch(url, {
          cache: "no-store",
          ...init,
          headers,
          signal: ended,
        });
        // An answer nobody waits for any more.
        answer.then((late) => ended.aborted ? late.body?.cancel() : undefined).catch(() => {});
        startTimer(connectTimeoutMs, "no response");
        const response = await new Promise<Response>((resolve, reject) => {
          const stop = () => reject(ended.reason);
          ended.addEventListener("abort", stop);
          if (ended.aborted) stop();
          answer.then(resolve, (cause) => reject(failure(cause)));
        });
        timers.clearTimeout(timer);
        const { status } = response;
        if (status === 204) {
          closed = { reason: "no-content" };
          return;
        }
        const type = response.headers.get("content-type") ?? "";
        if (status !== 200) {
          const retryable = isRetryable(response);
          error = new SSEError("http", "status " + status, { status, response, retryable });
          retryAfterMs = retryAfter(response.headers.get("retry-after"), timers.now());
        } else if (!/^\s*text\/event-stream\s*(;|$)/i.test(type)) {
          error = new SSEError("content-type", "not an event stream: " + type, {
            status,
            response,
          });
        }
        if (error) {
          response.body?.cancel().catch(() => {});
          if (!error.retryable) throw error;
        } else {
          const reader = response.body?.getReader();
          // Ends a read that waits, too; it may have ended just before.
          const leave = () => reader?.cancel().catch(() => {});
          ended.addEventListener("abort", leave);
          if (ended.aborted) leave();
          onState?.({ state: "open", response });
          const found: SSEEvent[] = [];
          const parser = new SSEParser({
            ...init,
            lastEventId: lastId,
            onEvent: (event) => found.push(event),
            onRetry(ms) {
              askedMs = ms;
              init.onRetry?.(ms);
            },
          });
          for (;;) {
            // Timed only while it is the server's turn: a slow consumer is not a silent server.
            startTimer(idleTimeoutMs, "silence");
            const chunk = await reader?.read().catch((cause) => {
              throw failure(cause);
            });
            timers.clearTimeout(timer);
            ended.throwIfAborted();
            if (!chunk || chunk.done) break;
            let over: unknown;
            try {
              parser.push(chunk.value);
            } catch (thrown) {
              over = thrown;
            }
            for (const event of found.splice(0)) {
              lastId = event.id;
              if (isProgress(event)) attempt = 0;
              yield event;
              if (isTerminal?.(event)) {
                closed = { reason: "terminal" };
                return;
              }
              ending.throwIfAborted();
            }
            if (over) throw over;
            lastId = parser.lastEventId;
          }
        }
      } catch (thrown) {
        ending.throwIfAborted();
        const passing = thrown instanceof SSEError && /timeout|network/.test(thrown.kind);
        if (!passing) throw thrown;
        error = thrown;
      } finally {
        ending.removeEventListener("abort", abort);
        timers.clearTimeout(timer);
        connection.abort(RETURNED);
      }

      if (attempt >= attempts) {
        throw new SSEError("attempts", "gave up", { cause: error });
      }
      const most = Math.min(maxMs, initialMs * factor ** attempt++);
      const ms = Math.max(askedMs, retryAfterMs) + (random ?? Math.random)() * most;
      const wait = Math.min(LONGEST_WAIT_MS, ms);
      const offline = isOffline(network);
      onState?.({ state: "waiting", attempt, ms: wait, offline, ...(error ? { error } : {}) });
      await pause(wait, timers, network, ending);
    }
  } catch (error) {
    if (returned.aborted) return;
    closed = { reason: signal?.aborted ? "aborted" : "failed", error };
    throw error;
  } finally {
    onState?.({ state: "closed", ...closed });
  }
}

/** A header is bytes: an id of other characters goes as UTF-8, as EventSource sends it. */
function latin1(id: string): string {
  // Not spread into one call: an id may be longer than an argument list.
  return Array.from(new TextEncoder().encode(id), (byte) => String.fromCharCode(byte)).join("");
}
