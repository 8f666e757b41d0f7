/**
 * A page's event stream. It resumes after the page's last event, closes while the page is hidden, and reopens
 * after any end. Used by the run's feed, the lists and the batch's board.
 */
import {
  followSSE,
  LeanParser,
  type Requests,
  type SSEError,
  type SSEEvent,
} from "../lib/sse/mod.ts";

/**
 * Where the stream is. `turn`: other windows of this browser use its connections, and give them up soon.
 * `away`: the server's store is unavailable. `full`: the account has too many streams open. `waiting`: the
 * connection failed, and the next attempt comes.
 */
export type Link = "connecting" | "open" | "turn" | "away" | "waiting" | "full" | "offline";

export interface LiveStreamOptions {
  readonly url: string;
  /** The id of the last event that the page has. */
  readonly lastId: string;
  /** How long the connection may be silent before it counts as dead (ms). */
  readonly idleMs: number;
  /** What the stream says while the server's store is unavailable. */
  readonly awayNotice: string;
  /** How often a hidden page connects for a moment (ms). By default it waits until it is shown. */
  readonly lookEveryMs?: number;
  readonly signal: AbortSignal;
  /** Called once per frame with what arrived since. Returns whether nothing more is wanted. */
  readonly onEvents: (events: readonly SSEEvent[]) => boolean | void | Promise<boolean>;
  /** `retryMs`: when the next attempt comes, from now. */
  readonly onLink: (link: Link, retryMs?: number) => void;
  /**
   * Called when nothing more will come, and again whenever the page is shown after that. With an error, the
   * server refuses the stream for good.
   */
  readonly onEnd: (error?: SSEError) => void;
}

/** How long a hidden page stays connected (ms). The server sends what it has at once. */
const LOOK_MS = 2_000;
/** A clock that jumped by more than this (ms) slept, and the connection is probably dead. */
const SLEPT_MS = 10_000;

/** Follows a stream until it ends or the signal aborts. */
export function followStream(options: LiveStreamOptions): void {
  const { url, idleMs, awayNotice, lookEveryMs, signal, onEvents, onLink, onEnd } = options;
  let { lastId } = options;
  let connection: AbortController | undefined;
  let end: (() => void) | undefined;
  let tickedMs = Date.now();

  const close = () => connection?.abort();
  const finish = (error?: SSEError) => {
    close();
    end = () => onEnd(error);
    end();
  };

  const read = async (until: AbortSignal) => {
    let pending: SSEEvent[] = [];
    const flush = async () => {
      const events = pending;
      pending = [];
      if (events[0] && await onEvents(events) && !end) finish();
    };
    try {
      const events = followSSE(
        url,
        {
          lastEventId: lastId,
          // Only a 204 says that nothing more will come.
          repeat: true,
          idleTimeoutMs: idleMs,
          reconnect: { initialMs: 500, maxMs: 10_000, maxAttempts: Infinity },
          onComment: (comment) => onLink(comment === awayNotice ? "away" : "open"),
          onState(state) {
            // A further attempt says nothing new before it has an answer.
            if (state.state === "open" || state.state === "connecting" && !state.attempt) {
              onLink(state.state);
            }
            if (state.state !== "waiting") return;
            const { offline, ms, error } = state, status = error?.status;
            onLink(
              offline ? "offline" : status === 429 ? "full" : status === 503 ? "away" : "waiting",
              ms,
            );
          },
        },
        until,
        requests,
      );
      for await (const event of events) {
        lastId = event.id;
        // Hundreds of events may come in one frame.
        if (pending.push(event) === 1) requestAnimationFrame(flush);
      }
      await flush();
      if (!end) finish();
    } catch (error) {
      flush();
      if (until.aborted) throw error;
      finish(error as SSEError);
    }
  };

  /** Opens the stream if the page is shown. A browser opens only six connections to a host. */
  const watch = async () => {
    close();
    if (end) return end();
    const { signal: own } = connection = new AbortController();
    if (!document.hidden) {
      onLink("turn");
      await inTurn(read, own).catch(() => {});
    } else if (lookEveryMs) {
      setTimeout(async () => {
        if (own.aborted) return;
        await read(AbortSignal.any([own, AbortSignal.timeout(LOOK_MS)])).catch(() => {});
        if (!own.aborted) watch();
      }, lookEveryMs);
    }
  };

  const ticking = setInterval(() => {
    const now = Date.now();
    if (now - tickedMs > SLEPT_MS && !document.hidden) watch();
    tickedMs = now;
  }, 1000);
  signal.addEventListener("abort", () => {
    close();
    clearInterval(ticking);
  });
  document.addEventListener("visibilitychange", watch, { signal });
  // A page in the back/forward cache must have no connection. It resumes when it is shown again.
  addEventListener("pagehide", close, { signal });
  addEventListener("pageshow", (event) => event.persisted && watch(), { signal });
  addEventListener("offline", () => onLink("offline"), { signal });
  // Some connections outlive the network: connect again, or the page would stay "offline".
  addEventListener("online", watch, { signal });
  watch();
}

/** Streams that one browser has open. Its other two connections to the host stay free for pages. */
const STREAMS = 4;
/** How long a window may keep its stream while another one waits (ms). */
const TURN_MS = 2_500;

/**
 * Runs `stream` until it ends or the signal aborts, in at most four windows of the browser at once: over
 * HTTP/1.1, a seventh connection to the host would not open. While another window waits, its signal aborts
 * after a turn, and it runs again at its next turn.
 *
 * Without Web Locks (plain http on another host than this machine) every window streams at once.
 */
async function inTurn(
  stream: (turn: AbortSignal) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  // Typed as always there.
  if (!navigator.locks) return stream(signal);
  const name = "stream" + (Math.random() * STREAMS | 0);
  const once = async () => {
    const turn = new AbortController();
    const watching = setInterval(async () => {
      const { pending } = await navigator.locks.query();
      if (pending?.some((waiting) => waiting.name === name)) turn.abort();
    }, TURN_MS);
    try {
      await stream(AbortSignal.any([signal, turn.signal]));
      return true;
    } catch (error) {
      if (signal.aborted || !turn.signal.aborted) throw error;
      return false;
    } finally {
      clearInterval(watching);
    }
  };
  while (!await navigator.locks.request(name, { signal }, once));
}

/** Statuses that pass: too many streams, and a server or proxy that restarts. */
const LATER = [429, 502, 503, 504];

/** How pages ask our own server. Its ids fit into any header, and its statuses say what is wrong. */
const requests: Requests = {
  ask: (url, _init, lastEventId, signal) =>
    fetch(url, {
      cache: "no-store",
      headers: { "last-event-id": lastEventId },
      signal,
    }),
  refused: (_error, { status, headers }) =>
    Promise.resolve(
      LATER.includes(status) ? Number(headers.get("retry-after")) * 1000 || 0 : undefined,
    ),
  parser: (options) => new LeanParser(options),
};

/** How long another page may take to come (ms). After a download the reader is still here. */
const LEAVING_MS = 10_000;

/** How often a page looks whether it can reload (ms). */
const LOOK_AGAIN_MS = 1_000;

/**
 * Returns a function that reloads the page with `load`, once a request to the server succeeds: without a
 * network the browser would show an error in place of the page. Until then it calls `onAway`. If the reader has
 * just followed a link, it waits and reloads only if they stay after all.
 */
export function watchDeparture(
  signal: AbortSignal,
): (load: () => void, onAway?: () => void) => void {
  let awaitedMs = 0;
  addEventListener("beforeunload", () => awaitedMs = Date.now() + LEAVING_MS, { signal });
  return async function reload(load, onAway) {
    if (awaitedMs < Date.now()) {
      const answer = await fetch("/favicon.svg", { cache: "no-store" }).catch(() => {});
      if (!answer?.ok) onAway?.();
      // The reader may have followed a link meanwhile.
      else if (awaitedMs < Date.now()) return load();
    }
    setTimeout(reload, LOOK_AGAIN_MS, load, onAway);
  };
}
