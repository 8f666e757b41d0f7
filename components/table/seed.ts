/**
 * What a page tells its script of a batch, so that the script can go on counting where the server stopped:
 * the state of every row in a few characters. Pure: runs in a browser.
 */
import {
  type BatchState,
  type BatchView,
  type OutputColumn,
  type Pace,
  pageOf,
  type RowView,
  WAITING,
} from "../../lib/batches/model/mod.ts";

export interface BatchSeed {
  readonly lastId: number;
  readonly name: string;
  readonly state: BatchState;
  readonly reason: string | null;
  readonly rows: number;
  readonly outputs: readonly OutputColumn[];
  /**
   * Runs of rows with the same state: a letter of the status, in upper case if a cell has low confidence,
   * and how many rows it is true of if there are several. `w12c3Cf` is twelve rows that wait, three that
   * are completed, one more of low confidence, and one that failed.
   */
  readonly states: string;
  /** Rows that were sent more than once, and how often: `[row, attempt, row, attempt …]`. */
  readonly attempts: readonly number[];
  readonly spent_usd: number;
  readonly started_ms: number | null;
  readonly changed_ms: number | null;
  readonly pace: Pace;
}

/** Letters of the statuses. Another status is written as `running`: its row is under way. */
const LETTERS: readonly (readonly [status: string, letter: string])[] = [
  [WAITING, "w"],
  ["sent", "s"],
  ["queued", "q"],
  ["running", "r"],
  ["action_required", "a"],
  ["cancelling", "g"],
  ["completed", "c"],
  ["failed", "f"],
  ["cancelled", "x"],
  ["deleted", "d"],
  ["lost", "l"],
];
const LETTER_OF = new Map(LETTERS);
const STATUS_OF = new Map(LETTERS.map(([status, letter]) => [letter, status]));

/** The seed of a view. */
export function seedOf(view: BatchView): BatchSeed {
  const attempts: number[] = [];
  let states = "", last = "", times = 0;
  const close = () => states += times === 0 ? "" : `${last}${times === 1 ? "" : times}`;
  for (let row = 1; row <= view.rows; row++) {
    // Not `rowView`, which makes a row of each that waits.
    const known = view.pages.get(pageOf(row))?.get(row);
    const letter = known === undefined ? "w" : LETTER_OF.get(known.status) ?? "r";
    const isLow = known?.cells?.some(({ confidence }) => confidence === "low") ?? false;
    const state = isLow ? letter.toUpperCase() : letter;
    if (state !== last) {
      close();
      last = state;
      times = 0;
    }
    times++;
    if (known !== undefined && known.attempt > 1) attempts.push(row, known.attempt);
  }
  close();
  const { lastId, name, state, reason, rows, outputs, spent_usd, started_ms, changed_ms, pace } =
    view;
  return {
    lastId,
    name,
    state,
    reason,
    rows,
    outputs,
    states,
    attempts,
    spent_usd,
    started_ms,
    changed_ms,
    pace,
  };
}

/** Cells that make a row count as one of low confidence. */
const LOW = [{ text: "", confidence: "low" }];

/** The view that a seed stands for, as far as it counts rows; it knows no texts. */
export function viewOf(seed: BatchSeed): BatchView {
  const { states, attempts, ...rest } = seed;
  const pages = new Map<number, Map<number, RowView>>();
  const counts: Record<string, number> = {};
  let row = 0, low = 0;
  for (const { 1: letter = "", 2: times = "" } of states.matchAll(/([a-z])(\d*)/gi)) {
    const status = STATUS_OF.get(letter.toLowerCase()) ?? "running";
    const isLow = letter !== letter.toLowerCase();
    const last = row + (times === "" ? 1 : Number(times));
    counts[status] = (counts[status] ?? 0) + last - row;
    if (isLow) low += last - row;
    while (row < last) {
      row++;
      if (status === WAITING) continue;
      const page = pages.get(pageOf(row)) ?? new Map<number, RowView>();
      pages.set(pageOf(row), page.set(row, rowOf(row, status, isLow)));
    }
  }
  for (let at = 0; at + 1 < attempts.length; at += 2) {
    const page = pages.get(pageOf(attempts[at]!));
    const known = page?.get(attempts[at]!);
    if (!page || !known) continue;
    const attempt = attempts[at + 1]!;
    page.set(known.row, { ...known, attempt, billed: known.billed.map(() => attempt) });
  }
  return { ...rest, pages, counts, low };
}

function rowOf(row: number, status: string, isLow: boolean): RowView {
  return {
    row,
    attempt: 1,
    status,
    run_id: null,
    processor: null,
    reason: null,
    cost_usd: null,
    cells: isLow ? LOW : null,
    earlier: [],
    billed: status === "completed" ? [1] : [],
  };
}
