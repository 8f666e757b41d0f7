/** What a connection is made with, and how it tells how it stands. Types only. */
import type { SSEError } from "./error.ts";
import type { Found, SSEEvent, SSEParserOptions } from "./event.ts";
import type { LeanParser } from "./lean_parser.ts";
import type { ByteReader } from "./response.ts";
import type { Network, Timers } from "./wait.ts";

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

/** The end of {@link ConnectState}s. */
export interface Closed {
  /** Always `"closed"`. */
  state: "closed";
  /** Why. `ended`: the server ended it; `returned`: the loop was left. */
  reason: "terminal" | "ended" | "no-content" | "aborted" | "returned" | "failed";
  /** What the loop throws. */
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
  /** How long to wait before connecting again, and how often. */
  reconnect?: ReconnectPolicy | undefined;
  /** Silence, comments included, after which a connection counts as dead, ms. Default none. */
  idleTimeoutMs?: number | undefined;
  /** The longest wait for response headers, ms. Default none. */
  connectTimeoutMs?: number | undefined;
  /** Called at each change of the connection. */
  onState?: ((state: ConnectState) => void) | undefined;
  /** Default: the platform's. */
  timers?: Timers | undefined;
  /** Default `globalThis`: a browser tells when it is offline. */
  network?: Network | undefined;
}

/** How `followSSE` asks, and what it makes of a failure. */
export interface Requests {
  /**
   * Makes one request; `lastEventId` is `""` where there is none. Rejects when the signal aborts, and
   * with an `SSEError` of kind `request` where it would fail for ever.
   */
  ask(
    url: string,
    init: ConnectSSEInit,
    lastEventId: string,
    signal: AbortSignal,
  ): Promise<Response>;
  /**
   * How long to wait for another try after a refusal, at least (ms); `undefined` where it is final. May
   * add to the error what the body says; `leave` ends a read of it.
   */
  refused(
    error: SSEError,
    response: Response,
    reader: ByteReader | undefined,
    leave: () => void,
  ): Promise<number | undefined>;
  /** Makes a connection's parser: it gives events, and callbacks to call between them, to `found`. */
  parser(
    options: SSEParserOptions,
    found: (item: Found) => void,
  ): Pick<LeanParser, "push" | "lastEventId">;
}
