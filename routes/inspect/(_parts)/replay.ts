/** Computes how far a replay has come. Pure: the caller supplies the clock. */

/** The pace of a replay: the recorded times at a speed, or a number of blocks per second. */
export type Pace = { readonly speed: number } | { readonly perSecond: number };

/**
 * Returns how many blocks are shown `elapsedMs` after the replay was at `from`.
 *
 * @param timeOf when each block arrived; used only if the pace is a `speed`.
 */
export function shownAfter(
  elapsedMs: number,
  pace: Pace,
  from: number,
  total: number,
  timeOf: (index: number) => number | null,
): number {
  if ("perSecond" in pace) {
    return Math.min(total, from + Math.floor(elapsedMs / 1000 * pace.perSecond));
  }
  const due = (from === 0 ? 0 : timeOf(from - 1) ?? 0) + elapsedMs * pace.speed;
  let low = from, high = total;
  while (low < high) {
    const middle = low + high >> 1;
    if ((timeOf(middle) ?? 0) <= due) low = middle + 1;
    else high = middle;
  }
  return low;
}
