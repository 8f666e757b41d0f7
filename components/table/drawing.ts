/** Gathers the changes of rows, so that a page that changes all the time draws seldom and little at once. */

/** How often changes are drawn (ms). It looks immediate, and each drawing lays out the whole table again. */
export const DRAW_EVERY_MS = 250;
/** Rows per drawing. The rest of a burst follows in tasks of its own. */
export const ROWS_AT_ONCE = 20;

/** The pseudo row number for changes outside of rows: the head, the filters' figures, the tab's title. */
export const HEAD = -1;

/**
 * Returns a function that takes changed rows and has them drawn: at once after a pause, else with those of the next
 * quarter of a second. A row that changes again before it is drawn is drawn once.
 */
export function gathered(
  draw: (rows: readonly number[]) => void,
  later: (step: () => void, ms: number) => unknown = setTimeout,
): (rows: readonly number[]) => void {
  const waiting = new Set<number>();
  let isTimed = false;
  const step = () => {
    const rows = [...waiting].slice(0, ROWS_AT_ONCE);
    isTimed = rows.length > 0;
    if (!isTimed) return;
    for (const row of rows) waiting.delete(row);
    later(step, waiting.size > 0 ? 0 : DRAW_EVERY_MS);
    draw(rows);
  };
  return (rows) => {
    for (const row of rows) waiting.add(row);
    if (isTimed) return;
    isTimed = true;
    later(step, 0);
  };
}
