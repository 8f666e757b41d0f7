/**
 * The state that a batch's page passes to its script, so the script can continue counting: a few characters
 * per row. Pure; runs in a browser.
 */
import {
  applyBatchEvent,
  type BatchState,
  type BatchView,
  type CellBrief,
  type ColumnSet,
  emptyBatchView,
  firstAttempt,
  firstOfPage,
  type Pace,
  pageOf,
  recounted,
  type RowView,
  WAITING,
} from "../../lib/batches/model/mod.ts";

export interface BatchSeed {
  readonly lastId: number;
  readonly name: string;
  readonly state: BatchState;
  readonly reason: string | null;
  readonly rows: number;
  /** The row states of each column set. */
  readonly sets: readonly SetSeed[];
  readonly spent_usd: number;
  readonly started_ms: number | null;
  readonly changed_ms: number | null;
  readonly pace: Pace;
}

interface SetSeed extends Pick<ColumnSet, "outputs" | "processor"> {
  /**
   * Run-length encoded row states: the status letter, in upper case if a cell has low confidence, then the
   * number of rows if more than one. `w12c3Cf` is twelve waiting rows, three completed, one completed with
   * low confidence, and one failed.
   */
  readonly states: string;
  /** Rows with more than one attempt: `[row, attempt, row, attempt …]`. */
  readonly attempts: readonly number[];
}

/** Status letters. Any other status is written as `running`. */
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
// The server alone writes them.
const LETTER_OF = /* @__PURE__ */ new Map(LETTERS);
const STATUS_OF = new Map(LETTERS.map(([status, letter]) => [letter, status]));

/** Builds the seed of a view. */
export function seedOf(view: BatchView): BatchSeed {
  const { lastId, name, state, reason, rows, spent_usd, started_ms, changed_ms, pace } = view;
  const sets = view.sets.map((set, at) => setSeed(set, at, rows));
  return { lastId, name, state, reason, rows, sets, spent_usd, started_ms, changed_ms, pace };
}

function setSeed({ pages, outputs, processor }: ColumnSet, set: number, rows: number): SetSeed {
  const attempts: number[] = [];
  let states = "", last = "", times = 0;
  const close = () => states += times === 0 ? "" : `${last}${times === 1 ? "" : times}`;
  const add = (state: string, rows: number) => {
    if (state !== last) {
      close();
      last = state;
      times = 0;
    }
    times += rows;
  };
  for (let row = 1; row <= rows;) {
    const page = pages.get(pageOf(row));
    const end = Math.min(rows + 1, firstOfPage(pageOf(row) + 1));
    // Most rows of a large batch wait at first.
    if (page === undefined) {
      add("w", end - row);
      row = end;
      continue;
    }
    for (; row < end; row++) {
      // Avoid `sendView`, which creates a row object for each waiting row.
      const known = page.get(row);
      add(known === undefined ? "w" : stateOf(known), 1);
      if (known !== undefined && known.attempt > firstAttempt(set)) {
        attempts.push(row, known.attempt);
      }
    }
  }
  close();
  return { outputs, processor, states, attempts };
}

/** A row's letter, in upper case if a cell has low confidence. */
function stateOf({ status, cells }: RowView): string {
  const letter = LETTER_OF.get(status) ?? "r";
  return cells?.some(({ confidence }) => confidence === "low") ? letter.toUpperCase() : letter;
}

/** Placeholder for the text of a cell that the page shows but the script does not know. */
export const ON_PAGE = "\0";

/** Restores the view of a seed. It has the row counts but no texts. */
export function viewOf({ sets, ...seed }: BatchSeed): BatchView {
  const view = sets.reduce(
    (before, { outputs, processor }, set) =>
      applyBatchEvent(before, {
        id: set + 1,
        at_ms: 0,
        ...set === 0
          ? { type: "columns", data: { columns: outputs } }
          : { type: "joined", data: { columns: outputs, processor } },
      }),
    emptyBatchView(seed.name, seed.rows),
  );
  return recounted({
    ...view,
    ...seed,
    sets: view.sets.map((set, at) => filled(set, at, sets[at]!)),
  });
}

/** Restores a column set with the rows of the seed. */
function filled(set: ColumnSet, at: number, { states, attempts }: SetSeed): ColumnSet {
  const pages = new Map<number, Map<number, RowView>>();
  const counts: Record<string, number> = {};
  const cellsOf = (confidence: string | null) =>
    set.outputs.map(() => ({ text: ON_PAGE, confidence }));
  const shown = cellsOf(null), weak = cellsOf("low");
  let row = 0, low = 0;
  for (const { 1: letter = "", 2: times = "" } of states.matchAll(/([a-z])(\d*)/gi)) {
    const status = STATUS_OF.get(letter.toLowerCase()) ?? "running";
    const last = row + (times === "" ? 1 : Number(times));
    counts[status] = (counts[status] ?? 0) + last - row;
    const isLow = letter !== letter.toLowerCase();
    const cells = isLow ? weak : letter === "c" ? shown : null;
    if (isLow) low += last - row;
    while (row < last) {
      row++;
      if (status === WAITING) continue;
      const page = pages.get(pageOf(row)) ?? new Map<number, RowView>();
      pages.set(pageOf(row), page.set(row, rowOf(row, status, firstAttempt(at), cells)));
    }
  }
  for (let at = 0; at + 1 < attempts.length; at += 2) {
    const page = pages.get(pageOf(attempts[at]!));
    const sent = page?.get(attempts[at]!);
    if (!page || !sent) continue;
    const attempt = attempts[at + 1]!;
    page.set(sent.row, { ...sent, attempt, billed: sent.billed.map(() => attempt) });
  }
  return { ...set, pages, counts, low };
}

function rowOf(
  row: number,
  status: string,
  attempt: number,
  cells: readonly CellBrief[] | null,
): RowView {
  return {
    row,
    attempt,
    status,
    run_id: null,
    processor: null,
    reason: null,
    cost_usd: null,
    cells,
    earlier: [],
    billed: status === "completed" ? [attempt] : [],
  };
}
