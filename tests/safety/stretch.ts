/** How long one piece of work keeps the rest of the process waiting. */
import { setImmediate } from "node:timers";

/** Runs the work; resolves with the longest time between two turns of the event loop meanwhile (ms). */
export async function longestStretch(work: () => Promise<unknown>): Promise<number> {
  let longest = 0, last = performance.now(), done = false;
  const look = () => {
    const now = performance.now();
    longest = Math.max(longest, now - last);
    last = now;
    if (!done) setImmediate(look);
  };
  setImmediate(look);
  try {
    await work();
  } finally {
    done = true;
    look();
  }
  return longest;
}
