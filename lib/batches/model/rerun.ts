/** Selects the rows to run again, and prices the rows that still wait. Pure. */
import { lowCells } from "./events.ts";
import { isOver } from "./pace.ts";
import { type RowView, WAITING } from "./rows.ts";
import { type BatchView, sendView } from "./view.ts";

/** Rows to run again. */
export interface RowsToRerun {
  /** `null` for every failed or low-confidence row. */
  readonly rows: readonly number[] | null;
  /** Only this column set; by default all of them. */
  readonly set?: number | undefined;
}

/** Returns failed sends, or every finished send of the given rows. */
export function failedSends(view: BatchView, rows: RowsToRerun): RowView[] {
  const isFailed = ({ status }: RowView) =>
    isOver(status) && status !== "completed" && status !== "deleted";
  return matchingSends(view, rows, isFailed);
}

/** Returns completed sends with a low-confidence cell, or every finished send of the given rows. */
export function lowSends(view: BatchView, rows: RowsToRerun): RowView[] {
  const isLow = ({ status, cells }: RowView) =>
    status === "completed" && cells !== null && lowCells(cells) > 0;
  return matchingSends(view, rows, isLow);
}

function matchingSends(
  view: BatchView,
  { rows, set: wanted }: RowsToRerun,
  isMeant: (send: RowView) => boolean,
): RowView[] {
  const named = rows === null ? null : new Set(rows);
  const found: RowView[] = [];
  for (const set of view.sets.keys()) {
    if (wanted !== undefined && wanted !== set) continue;
    for (let row = 1; row <= view.rows; row++) {
      const send = sendView(view, set, row);
      // A row chosen by number may run again after any outcome, but not while it runs.
      const isChosen = named === null
        ? isMeant(send)
        : named.has(row) && isOver(send.status) && send.attempt > 0;
      if (isChosen) found.push(send);
    }
  }
  return found;
}

/**
 * Returns the price of up to `most` unsent rows (US dollars), or `null` if a price is unknown. `prices` has
 * one entry per column set.
 */
export function waitingUsd(
  { sets }: BatchView,
  prices: readonly (number | null)[],
  most = Infinity,
): number | null {
  let usd = 0, left = most;
  for (const [at, { counts }] of sets.entries()) {
    const rows = Math.min(counts[WAITING] ?? 0, left);
    const price = prices[at] ?? null;
    if (rows > 0 && price === null) return null;
    usd += rows * (price ?? 0);
    left -= rows;
  }
  return usd;
}
