/** How long one piece of work keeps the rest of the process waiting. */

/**
 * Runs the work; resolves with the longest time that a timer of 1 ms was late or due meanwhile (ms). A look in
 * each turn of the event loop would say the same, but keep a core busy while the work waits for the store.
 */
export async function longestStretch(work: () => Promise<unknown>): Promise<number> {
  let longest = 0, last = performance.now(), done = false;
  const look = () => {
    const now = performance.now();
    longest = Math.max(longest, now - last);
    last = now;
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
