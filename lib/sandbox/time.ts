/** The sandbox's time: microseconds of the wall clock, and replaceable timers. */

/** Starts a timer and returns a function that stops it. */
export type SetTimer = (run: () => void, ms: number) => () => void;

/** The platform's own timers. */
export const systemTimer: SetTimer = (run, ms) => {
  const id = setTimeout(run, ms);
  return () => clearTimeout(id);
};

/** setTimeout fires immediately beyond this. */
const LONGEST_MS = 2 ** 31 - 1;

/** Resolves after `ms`, or rejects with the signal's reason. */
export function wait(setTimer: SetTimer, ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    const onAbort = () => {
      stop();
      reject(signal.reason);
    };
    const stop = setTimer(() => {
      signal.removeEventListener("abort", onAbort);
      resolve();
    }, Math.min(LONGEST_MS, Math.max(0, ms)));
    signal.addEventListener("abort", onAbort, { once: true });
  });
}

/** Formats RFC 3339 in UTC with microseconds, as the API does. */
export function timestamp(us: number): string {
  const whole = new Date(Math.floor(us / 1000)).toISOString().slice(0, -1);
  return `${whole}${String(us % 1000).padStart(3, "0")}Z`;
}
