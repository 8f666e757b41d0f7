import { SSEError } from "./error.ts";
import type { SSEEvent } from "./event.ts";
import { parseSSE, type ParseSSEOptions } from "./iterate.ts";

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

/** Where a connection is, for a status line. */
export type ConnectState =
  | { state: "connecting"; attempt: number }
  | { state: "open"; response: Response }
  | { state: "waiting"; ms: number; attempt: number; error?: unknown }
  | {
    state: "closed";
    reason: "terminal" | "no-content" | "aborted" | "returned" | "failed";
    error?: unknown;
  };

/** Time, passed in so that a test need not wait for it. */
export interface Timers {
  setTimeout(run: () => void, ms: number): unknown;
  clearTimeout(id: unknown): void;
  now(): number;
}

/** The browser's idea of being online, passed in for the same reason. */
export interface Network {
  readonly onLine?: boolean;
  addEventListener(type: "online", run: () => void): void;
  removeEventListener(type: "online", run: () => void): void;
}

/** Everything `fetch` takes, and how to stay connected. */
export interface ConnectSSEInit
  extends Omit<RequestInit, "signal">, Omit<ParseSSEOptions, "onChunk" | "flush"> {
  /** Makes the requests. Default the global `fetch`. */
  fetch?: (url: string, init: RequestInit & { headers: Headers }) => Promise<Response>;
  /** True for an event after which there is nothing more: it is yielded, and the loop ends. */
  isTerminal?: (event: SSEEvent) => boolean;
  /** True for an event that is new, so that attempts and waits start over. Default: every event. */
  isProgress?: (event: SSEEvent) => boolean;
  /** True for a status worth another try. Default 429, 502, 503, 504. */
  isRetryable?: (response: Response) => boolean;
  reconnect?: ReconnectPolicy;
  /** Silence, comments included, after which a connection counts as dead, ms. Default none. */
  idleTimeoutMs?: number;
  /** The longest wait for response headers, ms. Default none. */
  connectTimeoutMs?: number;
  onState?: (state: ConnectState) => void;
  timers?: Timers;
  network?: Network;
}

const systemTimers: Timers = {
  setTimeout: (run, ms) => setTimeout(run, ms),
  clearTimeout: (id) => clearTimeout(id as number),
  now: () => Date.now(),
};

/** setTimeout's own limit; more would fire at once. */
const LONGEST_WAIT = 2 ** 31 - 1;

/**
 * Follows an event stream over `fetch`, reconnecting with `Last-Event-ID`, until a terminal event,
 * 204, a status or content type that is final, or the end of the loop or signal.
 *
 * The wait before a reconnection is what the server asked for (`retry:` and `Retry-After`, whichever
 * is longer) plus a random part of `initialMs * factor ** attempts`, at most `maxMs`.
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
 * for await (const event of events) console.log(event.data);
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
      stop.abort(RETURNED);
      return events.return(undefined);
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

const RETURNED = Symbol("returned");

async function* follow(
  url: string,
  init: ConnectSSEInit,
  stopped: AbortSignal,
): AsyncGenerator<SSEEvent, undefined> {
  const {
    fetch = globalThis.fetch,
    isTerminal,
    isProgress = () => true,
    isRetryable = ({ status }) => [429, 502, 503, 504].includes(status),
    reconnect = {},
    idleTimeoutMs,
    connectTimeoutMs,
    onState,
    timers = systemTimers,
    network = globalThis.navigator?.onLine === undefined ? undefined : browser(),
    signal,
    lastEventId = "",
    maxEventBytes,
    maxLineBytes,
    onComment,
    onRetry,
    onIgnored,
    ...request
  } = init;
  const { initialMs = 1000, maxMs = 30_000, factor = 2, maxAttempts = 10, random = Math.random } =
    reconnect;
  const ending = signal ? AbortSignal.any([signal, stopped]) : stopped;
  let lastId = lastEventId;
  let attempt = 0;
  let askedMs = 0;
  let closed: ConnectState = { state: "closed", reason: "returned" };

  try {
    for (;;) {
      const connection = new AbortController();
      const abort = () => connection.abort(ending.reason);
      let timer: unknown;
      const limit = (ms: number | undefined, what: string) => {
        timers.clearTimeout(timer);
        if (ms !== undefined) {
          timer = timers.setTimeout(
            () => connection.abort(new SSEError("timeout", what + " for " + ms + " ms")),
            ms,
          );
        }
      };
      let failure: unknown;
      let retryAfterMs = 0;
      try {
        ending.throwIfAborted();
        ending.addEventListener("abort", abort);
        onState?.({ state: "connecting", attempt });
        const headers = new Headers(request.headers);
        if (!headers.has("accept")) headers.set("accept", "text/event-stream");
        if (lastId) headers.set("last-event-id", encodeHeader(lastId));
        limit(connectTimeoutMs, "no response");
        const response = await settled(
          fetch(url, { cache: "no-store", ...request, headers, signal: connection.signal }),
          connection.signal,
        );
        limit(undefined, "");
        const { status } = response;
        if (status === 204) {
          closed = { state: "closed", reason: "no-content" };
          return;
        }
        if (status !== 200) {
          response.body?.cancel().catch(() => {});
          const error = new SSEError("http", "status " + status, {
            status,
            response,
            retryable: isRetryable(response),
          });
          if (!error.retryable) throw error;
          failure = error;
          retryAfterMs = retryAfter(response.headers.get("retry-after"), timers.now());
        } else {
          const type = response.headers.get("content-type") ?? "";
          if (!/^\s*text\/event-stream\s*(;|$)/i.test(type)) {
            response.body?.cancel().catch(() => {});
            throw new SSEError("content-type", "content type " + (type || "missing"), {
              status,
              response,
            });
          }
          onState?.({ state: "open", response });
          limit(idleTimeoutMs, "silence");
          const events = parseSSE(response, {
            maxEventBytes,
            maxLineBytes,
            onComment,
            onIgnored,
            lastEventId: lastId,
            signal: connection.signal,
            onRetry(ms) {
              askedMs = ms;
              onRetry?.(ms);
            },
            onChunk: () => limit(idleTimeoutMs, "silence"),
          });
          for await (const event of events) {
            lastId = event.id;
            if (isProgress(event)) attempt = 0;
            const terminal = isTerminal?.(event);
            yield event;
            if (terminal) {
              closed = { state: "closed", reason: "terminal" };
              return;
            }
          }
        }
      } catch (error) {
        ending.throwIfAborted();
        if (error instanceof SSEError && error.kind !== "timeout") throw error;
        failure = error instanceof SSEError
          ? error
          : new SSEError("network", String(error), { cause: error });
      } finally {
        limit(undefined, "");
        ending.removeEventListener("abort", abort);
        connection.abort(RETURNED);
      }
      if (attempt >= maxAttempts) {
        throw new SSEError("attempts", `gave up after ${attempt} reconnections`, {
          cause: failure,
        });
      }
      const jitter = random() * Math.min(maxMs, initialMs * factor ** attempt++);
      const ms = Math.min(LONGEST_WAIT, Math.max(askedMs, retryAfterMs) + jitter);
      onState?.({ state: "waiting", ms, attempt, error: failure });
      await pause(ms, timers, network, ending);
    }
  } catch (error) {
    if (stopped.aborted) return;
    closed = signal?.aborted
      ? { state: "closed", reason: "aborted", error }
      : { state: "closed", reason: "failed", error };
    throw error;
  } finally {
    onState?.(closed);
  }
}

/** A header is bytes: an id of other characters goes as UTF-8, as EventSource sends it. */
function encodeHeader(id: string): string {
  return String.fromCharCode(...new TextEncoder().encode(id));
}

/** RFC 9110 10.2.3: seconds, or a date. */
function retryAfter(value: string | null, now: number): number {
  if (!value) return 0;
  return Math.max(0, /^\d+$/.test(value) ? +value * 1000 : Date.parse(value) - now || 0);
}

/** The promise, or the signal's reason if that comes first; a late response is cancelled. */
function settled(response: Promise<Response>, signal: AbortSignal): Promise<Response> {
  return new Promise((resolve, reject) => {
    const onAbort = () => {
      reject(signal.reason);
      response.then((late) => late.body?.cancel()).catch(() => {});
    };
    signal.addEventListener("abort", onAbort);
    response.then(resolve, reject).finally(() => signal.removeEventListener("abort", onAbort));
  });
}

/** Waits; while offline for as long as that lasts, and not a moment longer once back. */
function pause(ms: number, timers: Timers, network: Network | undefined, ending: AbortSignal) {
  return new Promise<void>((resolve, reject) => {
    let timer: unknown;
    const done = () => {
      timers.clearTimeout(timer);
      ending.removeEventListener("abort", done);
      network?.removeEventListener("online", done);
      if (ending.aborted) reject(ending.reason);
      else resolve();
    };
    if (ending.aborted) return done();
    ending.addEventListener("abort", done);
    network?.addEventListener("online", done);
    if (network?.onLine !== false) timer = timers.setTimeout(done, ms);
  });
}

function browser(): Network {
  return {
    get onLine() {
      return navigator.onLine;
    },
    addEventListener: (type, run) => addEventListener(type, run),
    removeEventListener: (type, run) => removeEventListener(type, run),
  };
}
