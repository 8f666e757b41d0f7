/** What is known of a row in one set of columns, and how a change alters it. */
import { isTerminal } from "../../parallel/mod.ts";
import type { RowChange } from "./events.ts";
import { type CellBrief, lowCells } from "./cells.ts";

/** An answer of an earlier attempt, kept beside the newest one. */
export interface EarlierAnswer {
  readonly attempt: number;
  readonly run_id: string | null;
  readonly processor: string | null;
  readonly status: string;
  readonly cells: readonly CellBrief[] | null;
}

/** What is known of a row. */
export interface RowView extends Required<Omit<RowChange, "attempt" | "restored">> {
  /** 0 until it is sent for the first time. */
  readonly attempt: number;
  /** Completed answers of earlier attempts, the newest first. */
  readonly earlier: readonly EarlierAnswer[];
  /** Attempts whose cost is counted. */
  readonly billed: readonly number[];
}

/** The status of a row that was not sent. */
export const WAITING = "waiting";

const MOST_EARLIER = 5;

/** Attempts of a set: 1 to 999 in the first, 1001 to 1999 in the second, and so on. */
const SET_ATTEMPTS = 1000;

/** The set that an attempt belongs to. */
export function setOf(attempt: number): number {
  return Math.floor(attempt / SET_ATTEMPTS);
}

/** The attempt that sends a row of a set for the first time. */
export function firstAttempt(set: number): number {
  return set * SET_ATTEMPTS + 1;
}

/** Whether an attempt is a row's first one in its set. */
export function isFirstAttempt(attempt: number): boolean {
  return attempt % SET_ATTEMPTS === 1;
}

/** The next attempt; `null` where a set has no more of them. */
export function attemptAfter(attempt: number): number | null {
  return setOf(attempt + 1) === setOf(attempt) ? attempt + 1 : null;
}

export function newRow(row: number): RowView {
  return {
    row,
    attempt: 0,
    status: WAITING,
    run_id: null,
    processor: null,
    reason: null,
    cost_usd: null,
    cells: null,
    earlier: [],
    billed: [],
  };
}

export function isLow({ cells }: RowView): boolean {
  return cells !== null && lowCells(cells) > 0;
}

/** The row after a change, or itself if nothing is new. Changes of a row may arrive in any order. */
export function changed(row: RowView, change: RowChange): RowView {
  const { attempt, status } = change;
  const isBilled = typeof change.cost_usd === "number" && !row.billed.includes(attempt);
  const billed = isBilled ? [...row.billed, attempt] : row.billed;
  if (attempt <= row.attempt && status === "deleted") return withoutRun(row, change);
  if (change.restored && attempt === row.attempt && row.status === "deleted") {
    return { ...newRow(row.row), ...told(change), attempt, earlier: row.earlier, billed };
  }
  // The end of an earlier attempt, or of a run that was deleted, only adds to what was spent.
  if (attempt < row.attempt || (attempt === row.attempt && row.status === "deleted")) {
    return isBilled ? { ...row, billed } : row;
  }
  if (attempt === row.attempt && isTerminal(row.status) && isBefore(status)) {
    // The row has ended: only its run id may be missing.
    const run_id = row.run_id ?? change.run_id ?? null;
    const isNews = isBilled || run_id !== row.run_id;
    return isNews ? { ...row, run_id, billed } : row;
  }
  if (attempt > row.attempt) {
    return { ...newRow(row.row), ...told(change), attempt, earlier: earlierOf(row), billed };
  }
  return { ...row, ...told(change), billed };
}

/** A row whose run was deleted keeps neither its answer nor its id; one of an earlier attempt only goes. */
function withoutRun(row: RowView, { attempt, status }: RowChange): RowView {
  const earlier = row.earlier.filter((answer) => answer.attempt !== attempt);
  if (attempt !== row.attempt) {
    return earlier.length < row.earlier.length ? { ...row, earlier } : row;
  }
  return { ...row, status, run_id: null, reason: null, cells: null, earlier };
}

function isBefore(status: string): boolean {
  return !isTerminal(status) && status !== "deleted";
}

/** The members that a change has. */
function told(
  { attempt: _, restored: __, ...change }: RowChange,
): Omit<RowChange, "attempt" | "restored"> {
  return Object.fromEntries(
    Object.entries(change).filter(([, value]) => value !== undefined),
  ) as typeof change;
}

function earlierOf({ earlier, attempt, run_id, processor, status, cells }: RowView) {
  if (status !== "completed") return earlier;
  return [{ attempt, run_id, processor, status, cells }, ...earlier].slice(0, MOST_EARLIER);
}
