/** How far a replay has come. Pure: the clock is the caller's. */

/** How a replay runs: the recorded times, times a factor, or so many blocks a second. */
export type Pace = { readonly speed: number } | { readonly perSecond: number };

/**
 * How many blocks are shown `elapsedMs` after the replay stood at `from`.
 *
 * @param timeOf when each block came; looked at only where the pace is a `speed`.
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
