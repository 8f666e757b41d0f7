/** Gathers the changes of rows, so that a page that changes all the time draws seldom and little at once. */

/** How often changes are drawn (ms). The eye takes it for at once; each drawing lays the whole table out anew. */
export const DRAW_EVERY_MS = 250;
/** Rows per drawing. The rest of a burst follows in tasks of its own. */
export const ROWS_AT_ONCE = 20;

/**
 * Returns a function that takes changed rows and has them drawn: at once after a pause, else with those of the next
 * quarter of a second. A row that changes again before it is drawn is drawn once.
 */
export function gathered(
  draw: (rows: readonly number[]) => void,
  later: (step: () => void, ms: number) => unknown = setTimeout,
): (rows: readonly number[]) => void {
  const waiting = new Set<number>();
  let isChanged = false, isTimed = false;
  const plan = (ms: number) => {
    isTimed = true;
    later(step, ms);
  };
  const step = () => {
    isTimed = false;
    if (!isChanged) return;
    const rows = [...waiting].slice(0, ROWS_AT_ONCE);
    for (const row of rows) waiting.delete(row);
    isChanged = waiting.size > 0;
    plan(isChanged ? 0 : DRAW_EVERY_MS);
    draw(rows);
  };
  return (rows) => {
    for (const row of rows) waiting.add(row);
    isChanged = true;
    if (!isTimed) plan(0);
  };
}
