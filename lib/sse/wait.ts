import { SSEError } from "./error.ts";

/** Timers, injectable so tests need not wait. */
export interface Timers {
  /** Calls `run` after `ms` milliseconds. Returns an id for `clearTimeout`. */
  setTimeout(run: () => void, ms: number): unknown;
  /** Cancels a call of `setTimeout`. */
  clearTimeout(id: unknown): void;
  /** Milliseconds since 1970, for dates in `Retry-After`. */
  now(): number;
}

/**
 * Reports whether there is a network, by `navigator.onLine`. In a browser this is `globalThis`. Without
 * `onLine`, the network counts as available.
 */
export interface Network {
  /** `onLine` is `false` while there is no network. */
  readonly navigator?: object;
  /** Calls `run` when the network is back. */
  addEventListener?(type: "online", run: () => void): void;
  /** Removes a listener. */
  removeEventListener?(type: "online", run: () => void): void;
}

export const isOffline = ({ navigator }: Network): boolean => Object(navigator).onLine === false;

export const systemTimers: Timers = {
  setTimeout: (run, ms) => setTimeout(run, ms),
  clearTimeout: (id) => clearTimeout(id as number),
  now: () => Date.now(),
};

/** The longest time of `setTimeout` (ms). With a longer one it fires at once. */
export const LONGEST_WAIT_MS = 0x7fffffff;

/**
 * Waits `ms` milliseconds. While offline, waits until the network is back instead.
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

/** Returns an error's message with that of its cause: in Node and Deno only the cause explains it. */
export const inWords = (error: unknown): string => {
  const { cause } = Object(error);
  return String(error) + (cause ? ": " + (cause.message ?? cause) : "");
};

export const timedOut = (what: string, ms: number) =>
  new SSEError("timeout", what + " for " + ms + " ms", { retryable: true });
