import { SSEError } from "./error.ts";

/** Time, passed in so that a test need not wait for it. */
export interface Timers {
  /** Calls `run` after `ms` milliseconds, unless cleared by what it returns. */
  setTimeout(run: () => void, ms: number): unknown;
  /** Takes back a call of `setTimeout`. */
  clearTimeout(id: unknown): void;
  /** Milliseconds since 1970, for dates in `Retry-After`. */
  now(): number;
}

/**
 * Who knows whether there is a network, by `navigator.onLine`: in a browser `globalThis`. Where
 * nobody knows, it counts as online.
 */
export interface Network {
  /** Its `onLine` is `false` while there is no network. */
  readonly navigator?: object;
  /** Tells when the network is back. */
  addEventListener?(type: "online", run: () => void): void;
  /** Ends that. */
  removeEventListener?(type: "online", run: () => void): void;
}

export const isOffline = ({ navigator = {} }: Network): boolean =>
  "onLine" in navigator && navigator.onLine === false;

export const systemTimers: Timers = {
  setTimeout: (run, ms) => setTimeout(run, ms),
  clearTimeout: (id) => clearTimeout(id as number),
  now: () => Date.now(),
};

/** setTimeout's own limit; a longer time would be over at once. */
export const LONGEST_WAIT_MS = 0x7fffffff;

/**
 * Waits `ms`; while offline for as long as that lasts, and not a moment longer once back.
 *
 * @throws the signal's reason.
 */
export function pause(
  ms: number,
  timers: Timers,
  network: Network,
  signal: AbortSignal,
): Promise<void> {
  return new Promise((resolve, reject) => {
    let timer: unknown;
    const done = () => {
      timers.clearTimeout(timer);
      signal.removeEventListener("abort", done);
      network.removeEventListener?.("online", done);
      if (signal.aborted) reject(signal.reason);
      else resolve();
    };
    if (signal.aborted) return done();
    signal.addEventListener("abort", done);
    network.addEventListener?.("online", done);
    if (!isOffline(network)) timer = timers.setTimeout(done, ms);
  });
}

/** The message, and that of the cause, which alone says what happened in Node and Deno. */
export const inWords = (error: unknown): string => {
  const { cause } = Object(error);
  return String(error) + (cause ? ": " + (cause.message ?? cause) : "");
};

export const timedOut = (what: string, ms: number) =>
  new SSEError("timeout", what + " for " + ms + " ms");
