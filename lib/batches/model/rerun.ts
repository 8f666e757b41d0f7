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

/** The price of a row on a processor (US dollars); `null` if unknown. No processor: the batch's own. */
export type RowPrice = (processor: string | null) => number | null;

/**
 * Returns what up to `left` rows of certain statuses will cost (US dollars), or `null` if a price is unknown. By
 * default these are all rows that have not ended.
 */
export function openUsd(
  { sets }: BatchView,
  priceOf: RowPrice,
  isMeant = (status: string) => !isOver(status),
  left = Infinity,
): number | null {
  let usd = 0;
  for (const set of sets) {
    const { counts, processor } = set;
    const price = priceOf(processor);
    let rows = 0;
    for (const status in counts) rows += isMeant(status) ? counts[status]! : 0;
    rows = Math.min(rows, left);
    if (rows === 0) continue;
    if (price === null) return null;
    usd += rows * price;
    left -= rows;
    // Rows that run again may have a processor of their own.
    for (const page of set.again ? set.pages.values() : []) {
      for (const row of page.values()) {
        if (isMeant(row.status) && row.processor) usd += (priceOf(row.processor) ?? 0) - price;
      }
    }
  }
  return usd;
}

/** Returns the price of up to `most` unsent rows (US dollars), or `null` if a price is unknown. */
export function waitingUsd(view: BatchView, priceOf: RowPrice, most?: number): number | null {
  return openUsd(view, priceOf, (status) => status === WAITING, most);
}
