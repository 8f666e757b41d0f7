/** Which rows of a long list are in sight. Rows are of one height, so this is arithmetic. Pure. */

/** A list as it is scrolled (px). */
export interface Viewport {
  readonly scrollTop: number;
  readonly height: number;
  readonly rowHeight: number;
}

/** Rows `start` … `end` (exclusive), the first of them `top` px down. */
export interface RowWindow {
  readonly start: number;
  readonly end: number;
  readonly top: number;
}

/** Rows kept on either side, so that a quick scroll does not show a gap. */
const MARGIN = 8;

/** The rows to have in the document. */
export function rowWindow(total: number, { scrollTop, height, rowHeight }: Viewport): RowWindow {
  // A list that became shorter may still report where it was scrolled to.
  const top = Math.max(0, Math.min(scrollTop, total * rowHeight - height));
  const start = Math.max(0, Math.floor(top / rowHeight) - MARGIN);
  const end = Math.min(total, Math.ceil((top + height) / rowHeight) + MARGIN);
  return { start, end: Math.max(start, end), top: start * rowHeight };
}

/** Where to scroll so that a row is wholly in sight; the same place if it is. */
export function scrollToRow(row: number, { scrollTop, height, rowHeight }: Viewport): number {
  const top = row * rowHeight;
  if (top < scrollTop) return top;
  return Math.max(scrollTop, top + rowHeight - height);
}

/** Whether the last row is in sight: then a growing list stays with its end. */
export function isAtEnd(total: number, { scrollTop, height, rowHeight }: Viewport): boolean {
  return scrollTop + height >= total * rowHeight - rowHeight / 2;
}

/** Rows to a page of the list, for the Page keys. */
export function pageRows({ height, rowHeight }: Viewport): number {
  return Math.max(1, Math.floor(height / rowHeight) - 1);
}
