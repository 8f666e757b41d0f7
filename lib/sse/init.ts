/** The options and the states of a connection. Types only. */
import type { SSEError } from "./error.ts";
import type { Found, SSEEvent, SSEParserOptions } from "./event.ts";
import type { LeanParser } from "./lean_parser.ts";
import type { ByteReader } from "./response.ts";
import type { Network, Timers } from "./wait.ts";

/** How long to wait before connecting again, and how often. */
export interface ReconnectPolicy {
  /** The longest first wait (ms). The actual wait is a random part of it (full jitter). Default 1,000. */
  initialMs?: number | undefined;
  /** The longest wait (ms), without what the server asks for. Default 30,000. */
  maxMs?: number | undefined;
  /** The factor by which the longest wait grows with each failure in a row. Default 2. */
  factor?: number | undefined;
  /** How many reconnections without progress to make before giving up. `Infinity` never gives up. Default 10. */
  maxAttempts?: number | undefined;
  /** The longest wait that `retry:` or `Retry-After` may ask for (ms). Default one hour. */
  maxAskedMs?: number | undefined;
  /** A number in [0, 1). Default `Math.random`. */
  random?: (() => number) | undefined;
}

/** The state of a connection, for a status line. `attempt` counts from the last progress. */
export type ConnectState =
  | { state: "connecting"; attempt: number }
  | { state: "open"; response: Response }
  | {
    state: "waiting";
    attempt: number;
    /** Time until the next attempt (ms). While offline, the attempt waits for the network instead. */
    ms: number;
    /** What the server asked for (ms), if that is longer than `maxAskedMs`. */
    askedMs?: number;
    offline: boolean;
    /** What ended the last connection. Missing after a clean end. */
    error?: SSEError;
  }
  | Closed;

/** The last {@link ConnectState}. */
export interface Closed {
  /** Always `"closed"`. */
  state: "closed";
  /** The reason. `ended`: the server ended the stream. `returned`: the loop was left. */
  reason: "terminal" | "ended" | "no-content" | "aborted" | "returned" | "failed";
  /** The error that the loop throws. */
  error?: unknown;
}

/** The options of `fetch`, of the parser, and of reconnecting. */
export interface ConnectSSEInit
  extends Omit<RequestInit, "signal">, Omit<SSEParserOptions, "onEvent"> {
  /** Makes the requests. Default: the global `fetch`. */
  fetch?:
    | ((url: string, init: RequestInit & { headers: Headers }) => Promise<Response>)
    | undefined;
  /** Ends the iteration with the signal's reason. */
  signal?: AbortSignal | null | undefined;
  /**
   * Whether to make the same request again after a failure, and after the server has ended the
   * stream. Default: GET and HEAD are repeated after a failure. They are repeated after the end of
   * the stream if its events have ids, or if `isTerminal` says when it ends. Other methods are never
   * repeated.
   */
  repeat?: boolean | undefined;
  /**
   * A query parameter for the last event id. By default the id is sent in the header `Last-Event-ID`,
   * for which a browser sends a preflight request to another origin first.
   */
  lastEventIdParam?: string | undefined;
  /** Returns whether an event is the last one. It is yielded, and the loop ends. */
  isTerminal?: ((event: SSEEvent) => boolean) | undefined;
  /** Returns whether an event is new. New events reset the retry count. Default: every event is new. */
  isProgress?: ((event: SSEEvent) => boolean) | undefined;
  /**
   * Returns whether to try again after a response. `body` is the beginning of its body. Default: status 429,
   * 502, 503, 504 or 529, unless the account has no credit left.
   */
  isRetryable?: ((response: Response, body: string) => boolean) | undefined;
  /** How long to wait before connecting again, and how often. */
  reconnect?: ReconnectPolicy | undefined;
  /** The silence after which a connection counts as dead (ms). Comments end a silence. Default: none. */
  idleTimeoutMs?: number | undefined;
  /** The longest wait for response headers (ms). Default: none. */
  connectTimeoutMs?: number | undefined;
  /** Called when the state of the connection changes. */
  onState?: ((state: ConnectState) => void) | undefined;
  /** Default: the platform's timers. */
  timers?: Timers | undefined;
  /** Default: `globalThis`, because browsers report when they are offline. */
  network?: Network | undefined;
}

/** How `followSSE` makes requests and handles refusals. */
export interface Requests {
  /**
   * Makes one request. `lastEventId` is `""` if there is none. Rejects when the signal aborts, and
   * with an `SSEError` of kind `request` if every further attempt would fail too.
   */
  ask(
    url: string,
    init: ConnectSSEInit,
    lastEventId: string,
    signal: AbortSignal,
  ): Promise<Response>;
  /**
   * Returns the shortest wait before another try after a refusal (ms), or `undefined` if the refusal is
   * final. May add what the body says to the error. `leave` ends a pending read of the body.
   */
  refused(
    error: SSEError,
    response: Response,
    reader: ByteReader | undefined,
    leave: () => void,
  ): Promise<number | undefined>;
  /** Makes a connection's parser. It passes events, and the callbacks between them, to `found`. */
  parser(
    options: SSEParserOptions,
    found: (item: Found) => void,
  ): Pick<LeanParser, "push" | "lastEventId">;
}
