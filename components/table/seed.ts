/**
 * The state that a batch's page passes to its script, so the script can continue counting: a few characters
 * per row. Pure; runs in a browser.
 */
import {
  applyBatchEvent,
  type BatchState,
  type BatchView,
  type ColumnSet,
  emptyBatchView,
  firstAttempt,
  firstOfPage,
  newRow,
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
  /** Rows with more than one attempt, and on what the newest runs. */
  readonly attempts: readonly (readonly [
    row: number,
    attempt: number,
    processor: string | null,
  ])[];
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
  const attempts: [number, number, string | null][] = [];
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
        attempts.push([row, known.attempt, known.processor]);
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
  const restored = {
    ...view,
    ...seed,
    sets: view.sets.map((set, at) => filled(set, at, sets[at]!)),
  };
  const { counts, low } = restored.sets[0]!;
  return restored.sets.length > 1 ? recounted(restored) : { ...restored, counts, low };
}

/** Restores a column set. Its rows are made when they are first asked for: the server never does. */
function filled(set: ColumnSet, at: number, { states, attempts }: SetSeed): ColumnSet {
  const counts: Record<string, number> = {};
  const cellsOf = (confidence: string | null) =>
    set.outputs.map(() => ({ text: ON_PAGE, confidence }));
  const shown = cellsOf(null), weak = cellsOf("low");
  let low = 0, pages: Map<number, Map<number, RowView>> | undefined;
  const spans = [...states.matchAll(/([a-z])(\d*)/gi)].map(({ 1: letter = "", 2: times }) => {
    const status = STATUS_OF.get(letter.toLowerCase()) ?? "running";
    const rows = Number(times || 1), isLow = letter < "a";
    counts[status] = (counts[status] ?? 0) + rows;
    if (isLow) low += rows;
    return { status, rows, cells: isLow ? weak : letter === "c" ? shown : null };
  });
  const fill = () => {
    pages = new Map();
    const again = new Map(attempts.map((sent) => [sent[0], sent]));
    let row = 0;
    for (const { status, rows, cells } of spans) {
      for (const last = row + rows; row < last;) {
        row++;
        if (status === WAITING && !again.has(row)) continue;
        const page = pages.get(pageOf(row)) ?? new Map<number, RowView>();
        const [, attempt, processor] = again.get(row) ?? [row, firstAttempt(at), null];
        const billed = status === "completed" ? [attempt] : [];
        pages.set(
          pageOf(row),
          page.set(row, { ...newRow(row), attempt, processor, status, cells, billed }),
        );
      }
    }
    return pages;
  };
  return {
    ...set,
    counts,
    low,
    again: attempts.length > 0,
    get pages() {
      return pages ?? fill();
    },
  };
}
