/** Computes which rows of a long list are visible. Rows have equal height. Pure. */

/** The list's scroll state (px). */
export interface Viewport {
  readonly scrollTop: number;
  readonly height: number;
  readonly rowHeight: number;
}

/** Rows `start` … `end` (exclusive); the first is `top` px down. */
export interface RowWindow {
  readonly start: number;
  readonly end: number;
  readonly top: number;
}

/** Extra rows on either side, so a quick scroll shows no gap. */
const MARGIN = 8;

/** Returns the rows to render. */
export function rowWindow(total: number, { scrollTop, height, rowHeight }: Viewport): RowWindow {
  // A list that became shorter may still report its old scroll position.
  const top = Math.max(0, Math.min(scrollTop, total * rowHeight - height));
  const start = Math.max(0, Math.floor(top / rowHeight) - MARGIN);
  const end = Math.min(total, Math.ceil((top + height) / rowHeight) + MARGIN);
  return { start, end: Math.max(start, end), top: start * rowHeight };
}

/** Returns where to scroll so that a row is fully visible; the same position if it is. */
export function scrollToRow(row: number, { scrollTop, height, rowHeight }: Viewport): number {
  const top = row * rowHeight;
  if (top < scrollTop) return top;
  return Math.max(scrollTop, top + rowHeight - height);
}

/** Returns whether the last row is visible: a growing list then follows its end. */
export function isAtEnd(total: number, { scrollTop, height, rowHeight }: Viewport): boolean {
  return scrollTop + height >= total * rowHeight - rowHeight / 2;
}

/** Rows per page, for the Page keys. */
export function pageRows({ height, rowHeight }: Viewport): number {
  return Math.max(1, Math.floor(height / rowHeight) - 1);
}
