/** The state of a row in one column set, and how changes apply to it. */
import { isTerminal } from "../../parallel/mod.ts";
import type { RowChange } from "./events.ts";
import { type CellBrief, lowCells } from "./events.ts";

/** The result of an earlier attempt, kept next to the newest one. */
export interface EarlierResult {
  readonly attempt: number;
  readonly run_id: string | null;
  readonly processor: string | null;
  readonly status: string;
  readonly cells: readonly CellBrief[] | null;
}

/** The state of a row. */
export interface RowView extends Required<Omit<RowChange, "attempt" | "restored" | "at_ms">> {
  /** 0 until the row is first sent. */
  readonly attempt: number;
  /** Completed results of earlier attempts, newest first. */
  readonly earlier: readonly EarlierResult[];
  /** Attempts whose price is already counted. */
  readonly billed: readonly number[];
}

/** The status of a row that is not sent yet. */
export const WAITING = "waiting";

const MAX_EARLIER = 5;

/** Attempt numbers per column set: 1 to 999 in the first, 1001 to 1999 in the second, and so on. */
const SET_ATTEMPTS = 1000;

/** The column set that an attempt belongs to. */
export function setOf(attempt: number): number {
  return Math.floor(attempt / SET_ATTEMPTS);
}

/** The number of the first attempt in a column set. */
export function firstAttempt(set: number): number {
  return set * SET_ATTEMPTS + 1;
}

/** Whether an attempt is the first one in its column set. */
export function isFirstAttempt(attempt: number): boolean {
  return attempt % SET_ATTEMPTS === 1;
}

/** The next attempt; `null` if the column set has none left. */
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

/** Applies a change. Returns the same row if nothing changed. Changes may arrive in any order. */
export function changed(row: RowView, change: RowChange): RowView {
  const { attempt, status } = change;
  const isBilled = typeof change.cost_usd === "number" && !row.billed.includes(attempt);
  const billed = isBilled ? [...row.billed, attempt] : row.billed;
  if (attempt <= row.attempt && status === "deleted") return withoutRun(row, change);
  if (change.restored && attempt === row.attempt && row.status === "deleted") {
    return { ...newRow(row.row), ...setMembers(change), attempt, earlier: row.earlier, billed };
  }
  // The end of an earlier attempt or of a deleted run only adds to the amount spent.
  if (attempt < row.attempt || (attempt === row.attempt && row.status === "deleted")) {
    return isBilled ? { ...row, billed } : row;
  }
  if (attempt === row.attempt && isTerminal(row.status) && isBefore(status)) {
    // The row has ended, so only its run ID can still be filled in.
    const run_id = row.run_id ?? change.run_id ?? null;
    const isNew = isBilled || run_id !== row.run_id;
    return isNew ? { ...row, run_id, billed } : row;
  }
  if (attempt > row.attempt) {
    return { ...newRow(row.row), ...setMembers(change), attempt, earlier: earlierOf(row), billed };
  }
  return { ...row, ...setMembers(change), billed };
}

/**
 * Removes a deleted run: its result and ID if it is the newest attempt, otherwise just the earlier result.
 */
function withoutRun(row: RowView, { attempt, status }: RowChange): RowView {
  const earlier = row.earlier.filter((result) => result.attempt !== attempt);
  if (attempt !== row.attempt) {
    return earlier.length < row.earlier.length ? { ...row, earlier } : row;
  }
  return { ...row, status, run_id: null, reason: null, cells: null, earlier };
}

function isBefore(status: string): boolean {
  return !isTerminal(status) && status !== "deleted";
}

/** Returns the members that the change sets. */
function setMembers(
  { attempt: _, restored: __, at_ms: ___, ...change }: RowChange,
): Omit<RowChange, "attempt" | "restored" | "at_ms"> {
  return Object.fromEntries(
    Object.entries(change).filter(([, value]) => value !== undefined),
  ) as typeof change;
}

function earlierOf({ earlier, attempt, run_id, processor, status, cells }: RowView) {
  if (status !== "completed") return earlier;
  return [{ attempt, run_id, processor, status, cells }, ...earlier].slice(0, MAX_EARLIER);
}
