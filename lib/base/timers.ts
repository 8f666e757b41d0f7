/** Timers, and waits that end when a signal aborts. */

/** The timer functions that waits need. Tests pass their own. */
export interface Timers {
  setTimeout(run: () => void, ms: number): unknown;
  clearTimeout(id: unknown): void;
}

/** The platform's timers. */
export const SYSTEM_TIMERS: Timers = {
  setTimeout: (run, ms) => setTimeout(run, ms),
  clearTimeout: (id) => clearTimeout(id as number),
};

interface Reused {
  /** `null` while it is cancelled. */
  run: (() => void) | null;
  readonly ms: number;
  dueMs: number;
  id: unknown;
}

/**
 * Timers for a timeout that is reset again and again, such as one per chunk of a stream. Keeps the last cancelled
 * timer and reuses it for the next timeout of the same length: creating a timer takes as long as reading a chunk.
 * Dispose of them when nothing waits.
 */
export class ReusedTimers implements Timers, Disposable {
  readonly #timers: Timers;
  readonly #clock: () => number;
  #cancelled: Reused | null = null;

  /** `clock` must be monotonic. */
  constructor(timers: Timers = SYSTEM_TIMERS, clock: () => number = () => performance.now()) {
    this.#timers = timers;
    this.#clock = clock;
  }

  /** The time of day, for dates of other systems (Unix ms). */
  now(): number {
    return Date.now();
  }

  setTimeout(run: () => void, ms: number): Reused {
    const dueMs = this.#clock() + ms;
    const timer = this.#cancelled;
    if (timer?.ms === ms) {
      this.#cancelled = null;
      return Object.assign(timer, { run, dueMs });
    }
    const made: Reused = { run, ms, dueMs, id: undefined };
    this.#start(made, ms);
    return made;
  }

  clearTimeout(timer: Reused | undefined): void {
    if (!timer?.run) return;
    timer.run = null;
    this[Symbol.dispose]();
    this.#cancelled = timer;
  }

  [Symbol.dispose](): void {
    if (this.#cancelled !== null) this.#timers.clearTimeout(this.#cancelled.id);
    this.#cancelled = null;
  }

  #start(timer: Reused, ms: number): void {
    timer.id = this.#timers.setTimeout(() => {
      const { run } = timer;
      const leftMs = timer.dueMs - this.#clock();
      if (run === null) this.#cancelled = null;
      else if (leftMs > 0) this.#start(timer, leftMs);
      else {
        timer.run = null;
        run();
      }
    }, ms);
  }
}

/** The wait before failed work is restarted (ms): a second, doubled by each earlier failure, at most a minute. */
export function restartMs(failuresBefore: number): number {
  return Math.min(60_000, 1_000 * 2 ** failuresBefore);
}

/** Resolves when nothing is running, including what starts during the wait. Rejects with the signal's reason. */
export async function allDone(
  running: ReadonlyMap<string, { readonly done: Promise<void> }>,
  signal: AbortSignal,
): Promise<void> {
  const aborted = Promise.withResolvers<never>();
  const onAbort = () => aborted.reject(signal.reason);
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    while (running.size > 0) {
      signal.throwIfAborted();
      const done = [...running.values()].map((each) => each.done);
      await Promise.race([aborted.promise, Promise.all(done)]);
    }
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}

/** Waits `ms`. Rejects with the signal's reason. */
export function pause(
  ms: number,
  signal: AbortSignal,
  timers: Timers = SYSTEM_TIMERS,
): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    const onAbort = () => {
      timers.clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = timers.setTimeout(() => {
      signal.removeEventListener("abort", onAbort);
      resolve();
    }, ms);
    signal.addEventListener("abort", onAbort, { once: true });
  });
}
