/** Which rows a person means who wants some to run again, or the rest to be sent. Pure. */
import { lowCells } from "./cells.ts";
import { isOver } from "./pace.ts";
import { type RowView, WAITING } from "./rows.ts";
import { type BatchView, sendView } from "./view.ts";

/** Rows that are to run again. */
export interface Again {
  /** `null` for all that failed, or that are of low confidence. */
  readonly rows: readonly number[] | null;
  /** The set of columns that is meant; without it all of them. */
  readonly set?: number | undefined;
}

/** Sends that failed, or those of the rows that are named, however they ended. */
export function failedSends(view: BatchView, again: Again): RowView[] {
  const isFailed = ({ status }: RowView) =>
    isOver(status) && status !== "completed" && status !== "deleted";
  return sendsAgain(view, again, isFailed);
}

/** Answers with a cell of low confidence, or those of the rows that are named. */
export function lowSends(view: BatchView, again: Again): RowView[] {
  const isLow = ({ status, cells }: RowView) =>
    status === "completed" && cells !== null && lowCells(cells) > 0;
  return sendsAgain(view, again, isLow);
}

function sendsAgain(
  view: BatchView,
  { rows, set: wanted }: Again,
  isMeant: (send: RowView) => boolean,
): RowView[] {
  const named = rows === null ? null : new Set(rows);
  const found: RowView[] = [];
  for (const set of view.sets.keys()) {
    if (wanted !== undefined && wanted !== set) continue;
    for (let row = 1; row <= view.rows; row++) {
      const send = sendView(view, set, row);
      // A row that is named may be sent again however it ended, but not while it runs.
      const isChosen = named === null
        ? isMeant(send)
        : named.has(row) && isOver(send.status) && send.attempt > 0;
      if (isChosen) found.push(send);
    }
  }
  return found;
}

/**
 * What the rows cost that were not sent (US dollars), at most so many of them; `null` if a price is unknown.
 * `prices` are those of the sets of columns, in order.
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
