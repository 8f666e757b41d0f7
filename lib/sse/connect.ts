import { SSEError } from "./error.ts";
import type { SSEEvent } from "./event.ts";
import { iterate } from "./iterate.ts";
import { type Leavable, leavable, LEFT } from "./leave.ts";
import type { SSEParserOptions } from "./parser.ts";
import { ask, inWords, isHopeless, isPassing } from "./request.ts";
import { EVENT_STREAM, PATIENCE_MS, quote, refusal } from "./response.ts";
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
  initialMs?: number | undefined;
  /** The longest wait, ms, before what the server asked for is added. Default 30,000. */
  maxMs?: number | undefined;
  /** What the longest wait is multiplied by at each failure in a row. Default 2. */
  factor?: number | undefined;
  /** Reconnections since the last progress before giving up; `Infinity` never does. Default 10. */
  maxAttempts?: number | undefined;
  /** The longest wait that `retry:` or `Retry-After` may ask for, ms. Default an hour. */
  maxAskedMs?: number | undefined;
  /** A number in [0, 1). Default `Math.random`. */
  random?: (() => number) | undefined;
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
    /** What the server asked for, where that is longer than `maxAskedMs`, ms. */
    askedMs?: number;
    offline: boolean;
    /** What ended the last connection; none after a clean end. */
    error?: SSEError;
  }
  | Closed;

/** Why a connection is over; `error` is what the loop throws. `ended`: the server ended it. */
interface Closed {
  state: "closed";
  reason: "terminal" | "ended" | "no-content" | "aborted" | "returned" | "failed";
  error?: unknown;
}

/** Everything `fetch` takes, what a parser takes, and how to stay connected. */
export interface ConnectSSEInit
  extends Omit<RequestInit, "signal">, Omit<SSEParserOptions, "onEvent"> {
  /** Makes the requests. Default the global `fetch`. */
  fetch?:
    | ((url: string, init: RequestInit & { headers: Headers }) => Promise<Response>)
    | undefined;
  /** Ends everything with the signal's reason. */
  signal?: AbortSignal | null | undefined;
  /**
   * Whether the same request may be made again: after a failure, and after the server has ended the
   * stream. Default: a GET (or HEAD) is repeated after a failure, and after the end where events
   * have ids or `isTerminal` tells another end; any other method is never repeated.
   */
  repeat?: boolean | undefined;
  /**
   * A query parameter that carries the last event id in place of the header `Last-Event-ID`, for
   * which a browser asks another origin's leave first (a preflight).
   */
  lastEventIdParam?: string | undefined;
  /** True for an event after which there is nothing more: it is yielded, and the loop ends. */
  isTerminal?: ((event: SSEEvent) => boolean) | undefined;
  /** True for an event that is new, so that attempts and waits start over. Default: every event. */
  isProgress?: ((event: SSEEvent) => boolean) | undefined;
  /**
   * True for an answer worth another try, whose body begins so. Default: status 429, 502, 503, 504 or 529, but not where
   * the account has nothing left.
   */
  isRetryable?: ((response: Response, body: string) => boolean) | undefined;
  reconnect?: ReconnectPolicy | undefined;
  /** Silence, comments included, after which a connection counts as dead, ms. Default none. */
  idleTimeoutMs?: number | undefined;
  /** The longest wait for response headers, ms. Default none. */
  connectTimeoutMs?: number | undefined;
  onState?: ((state: ConnectState) => void) | undefined;
  timers?: Timers | undefined;
  /** Default `globalThis`: a browser tells when it is offline. */
  network?: Network | undefined;
}

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
  return leavable(init.signal, (ending) => follow(String(url), init, ending));
}

async function* follow(
  url: string,
  init: ConnectSSEInit,
  ending: AbortSignal,
): AsyncGenerator<SSEEvent, undefined> {
  const {
    signal,
    repeat,
    isTerminal,
    isProgress = () => true,
    reconnect: {
      initialMs = 1000,
      maxMs = 30_000,
      maxAskedMs = 3_600_000,
      factor = 2,
      maxAttempts = 10,
      random = Math.random,
    } = {},
    idleTimeoutMs,
    connectTimeoutMs,
    onState,
    timers = systemTimers,
    network = globalThis,
  } = init;
  const isGet = /^(get|head)$/i.test(init.method ?? "get");
  let lastId = init.lastEventId ?? "";
  let attempt = 0;
  let askedMs = 0;
  let closed: Omit<Closed, "state"> = { reason: "returned" };

  try {
    for (;;) {
      const connection = new AbortController();
      const { signal: ended } = connection;
      const abort = () => connection.abort(ending.reason);
      let error: SSEError | undefined;
      let retryAfterMs = 0;
      let timer: unknown;
      const startTimer = (ms: number | undefined, what: string) => {
        const late = () => connection.abort(new SSEError("timeout", what + " for " + ms + " ms"));
        timer = ms && timers.setTimeout(late, ms);
      };
      // What ended the connection tells more than how the network put it.
      const failure = (cause: unknown, kind: "network" | "request" = "network") =>
        ended.aborted ? ended.reason : new SSEError(kind, inWords(cause), { cause });

      try {
        ending.throwIfAborted();
        ending.addEventListener("abort", abort);
        onState?.({ state: "connecting", attempt });
        const answer = ask(url, init, lastId, ended);
        // An answer nobody waits for any more.
        answer.then((late) => ended.aborted ? late.body?.cancel() : undefined).catch(() => {});
        startTimer(connectTimeoutMs, "no response");
        const response = await new Promise<Response>((resolve, reject) => {
          const stop = () => reject(ended.reason);
          ended.addEventListener("abort", stop);
          if (ended.aborted) stop();
          answer.then(
            resolve,
            (cause) => reject(failure(cause, isHopeless(cause, url, init) ? "request" : "network")),
          );
        });
        timers.clearTimeout(timer);
        if (response.status === 204) {
          closed = { reason: "no-content" };
          return;
        }
        const reader = response.body?.getReader();
        // Ends a read that waits, too; the connection may have ended just before.
        const leave = () => reader?.cancel().catch(() => {});
        ended.addEventListener("abort", leave);
        if (ended.aborted) leave();
        error = refusal(response, EVENT_STREAM);
        if (error) {
          const patience = timers.setTimeout(leave, PATIENCE_MS);
          await quote(error, reader);
          timers.clearTimeout(patience);
          error.retryable = error.kind === "http" &&
            (init.isRetryable ?? isPassing)(response, error.body!);
          if (!error.retryable) throw error;
          retryAfterMs = retryAfter(response.headers.get("retry-after"), timers.now());
        } else {
          onState?.({ state: "open", response });
          // Timed only while it is the server's turn: a slow consumer is not a silent server.
          const read = async () => {
            startTimer(idleTimeoutMs, "silence");
            const chunk = await reader?.read().catch((cause) => {
              throw failure(cause);
            });
            timers.clearTimeout(timer);
            return chunk ?? { done: true };
          };
          const events = iterate({ next: read, return: leave }, {
            ...init,
            signal: ended,
            lastEventId: lastId,
            onRetry(ms) {
              askedMs = ms;
              init.onRetry?.(ms);
            },
          });
          try {
            for await (const event of events) {
              lastId = event.id;
              if (isProgress(event)) attempt = 0;
              yield event;
              if (isTerminal?.(event)) {
                closed = { reason: "terminal" };
                return;
              }
            }
          } finally {
            lastId = events.lastEventId;
          }
          if (!(repeat ?? (isGet && (isTerminal || lastId)))) {
            if (isTerminal) throw new SSEError("incomplete", "no terminal event before the end");
            closed = { reason: "ended" };
            return;
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
        connection.abort(LEFT);
      }

      if (error && !(repeat ?? isGet)) throw error;
      if (attempt >= maxAttempts || init.body instanceof ReadableStream) {
        throw new SSEError(
          "attempts",
          `gave up on ${url} after ${attempt} reconnections: ${
            error?.message ?? "the stream ends"
          }`,
          { cause: error },
        );
      }
      const most = Math.min(maxMs, initialMs * factor ** attempt++);
      const asked = Math.max(askedMs, retryAfterMs);
      const wait = Math.min(LONGEST_WAIT_MS, Math.min(maxAskedMs, asked) + random() * most);
      const offline = isOffline(network);
      onState?.({
        state: "waiting",
        attempt,
        ms: wait,
        ...(asked > maxAskedMs ? { askedMs: asked } : {}),
        offline,
        ...(error ? { error } : {}),
      });
      await pause(wait, timers, network, ending);
    }
  } catch (error) {
    if (ending.reason === LEFT) return;
    closed = { reason: signal?.aborted ? "aborted" : "failed", error };
    throw error;
  } finally {
    onState?.({ state: "closed", ...closed });
  }
}
