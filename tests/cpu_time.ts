/** Measures processor time, which does not depend on other load on the machine. */
import { threadCpuUsage } from "node:process";

/**
 * The processor time that this thread has taken so far (ms). Other processes do not add to it, and neither
 * do tests in other isolates. Some kernels count it in steps of 10 ms, so measure at least some 100 ms.
 */
export function threadTime(): number {
  const { user, system } = threadCpuUsage();
  return (user + system) / 1_000;
}

/** The processor time of work that does not wait (ms). */
export function timeOf(work: () => void): number {
  const started = threadTime();
  work();
  return threadTime() - started;
}

/**
 * Runs the work; resolves with the most processor time between two turns of a timer of 1 ms (ms): what the
 * event loop takes in one stretch on a machine that does nothing else. A look in each turn of the event loop
 * would say the same, but keep a core busy while the work waits for the store. `now`: another clock (ms).
 */
export async function longestStretch(
  work: () => Promise<unknown>,
  now: () => number = threadTime,
): Promise<number> {
  let longest = 0, last = now(), done = false;
  const look = () => {
    const at = now();
    longest = Math.max(longest, at - last);
    last = at;
    if (!done) setTimeout(look, 1);
  };
  look();
  try {
    await work();
  } finally {
    done = true;
    look();
  }
  return longest;
}
