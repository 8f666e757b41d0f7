/** Time, passed in so that a test need not wait for it. */
export interface Timers {
  setTimeout(run: () => void, ms: number): unknown;
  clearTimeout(id: unknown): void;
  /** Milliseconds since 1970, for dates in `Retry-After`. */
  now(): number;
}

/** The browser's idea of being online, passed in for the same reason. */
export interface Network {
  readonly onLine?: boolean;
  addEventListener(type: "online", run: () => void): void;
  removeEventListener(type: "online", run: () => void): void;
}

export const systemTimers: Timers = {
  setTimeout: (run, ms) => setTimeout(run, ms),
  clearTimeout: (id) => clearTimeout(id as number),
  now: () => Date.now(),
};

/** Outside browsers nobody knows, and `onLine` is undefined: then it counts as online. */
export const systemNetwork: Network = {
  get onLine() {
    return globalThis.navigator?.onLine;
  },
  addEventListener: (type, run) => globalThis.addEventListener?.(type, run),
  removeEventListener: (type, run) => globalThis.removeEventListener?.(type, run),
};

/** setTimeout's own limit; a longer time would be over at once. */
export const LONGEST_WAIT_MS = 2 ** 31 - 1;

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
      network.removeEventListener("online", done);
      if (signal.aborted) reject(signal.reason);
      else resolve();
    };
    if (signal.aborted) return done();
    signal.addEventListener("abort", done);
    network.addEventListener("online", done);
    if (network.onLine !== false) timer = timers.setTimeout(done, ms);
  });
}

/** RFC 9110 10.2.3: seconds, or a date; 0 where there is neither. In milliseconds. */
export function retryAfter(value: string | null, now: number): number {
  if (/^\d+$/.test(value ?? "")) return Number(value) * 1000;
  // Date.parse alone makes a date of nearly anything: "-5" is one in 2001.
  return value?.endsWith("GMT") ? Math.max(0, Date.parse(value) - now || 0) : 0;
}
