/** Turns the requests of an adopted group's runs into rows, and finds the rows that were run again. Pure. */
import { isObject } from "../../base/mod.ts";
import type { TaskRun, TaskRunInput } from "../../parallel/mod.ts";
import {
  attemptAfter,
  type BatchView,
  isFirstAttempt,
  KIND_LETTERS,
  sendView,
  setOf,
  TABLE_LIMITS,
} from "../model/mod.ts";
import { jsonCell } from "../table/json_rows.ts";
import { placeOf } from "./look_up.ts";
import type { HeldTable, StoredRow, StoredRun, StoredTable } from "./table.ts";

/** The column of inputs that are texts. */
export const INPUT_COLUMN = "input";
/** Members in further columns are shown only on the run's page (columns times rows stay within a table's cells). */
const MOST_COLUMNS = 200;

/** A run of an adopted group. */
export interface TakenRun {
  readonly run_id: string;
  readonly input: TaskRunInput["input"];
}

/** Rows to add, and the columns that they bring. */
export interface TakenRows {
  readonly columns: readonly string[];
  readonly rows: readonly StoredRow[];
}

/** Makes rows of runs. Each member of an input gets a column, in order of first appearance. */
export function takenRows(
  { columns, rows }: Pick<StoredTable, "columns" | "rows">,
  runs: readonly TakenRun[],
): TakenRows {
  const places = new Map(columns.map(({ name }, at) => [name, at]));
  const added: string[] = [];
  const placeOf = (name: string): number | null => {
    const known = places.get(name);
    if (known !== undefined) return known;
    if (places.size >= MOST_COLUMNS || name.length > TABLE_LIMITS.headingChars) return null;
    const place = places.size;
    places.set(name, place);
    added.push(name);
    return place;
  };
  const taken = runs.map(({ run_id, input }, at): StoredRow => {
    const cells: string[] = [], kinds: string[] = [];
    const members = isObject(input) ? Object.entries(input) : [[INPUT_COLUMN, input] as const];
    for (const [name, value] of members) {
      const place = placeOf(name.trim() === "" ? "(no name)" : name);
      if (place === null) continue;
      [cells[place], kinds[place]] = jsonCell(value);
    }
    return {
      line: rows.length + at + 1,
      cells: Array.from(cells, (cell) => cell ?? ""),
      kinds: Array.from(kinds, (kind) => kind ?? KIND_LETTERS.text).join(""),
      run_id,
    };
  });
  return { columns: added, rows: taken };
}

/** A run of a group's list. */
export interface TakenEvent {
  readonly run: TaskRun;
  readonly input: TaskRunInput;
}

/** What becomes of runs: of each its row and attempt, and what to store. */
export interface PlacedRuns {
  readonly columns: readonly string[];
  readonly stored: readonly StoredRun[];
  readonly places: readonly { readonly row: number; readonly attempt: number }[];
}

/**
 * Gives each run its row. A run that another Taskstream has made of a row of its own batch, as a further attempt,
 * is a later run of that row, if its input is the same. Anything else is a new row.
 */
export function placedRuns(
  table: Pick<HeldTable, "lastOf" | "now" | "rowOf">,
  view: BatchView,
  runs: readonly TakenEvent[],
  now: number,
): PlacedRuns {
  const { columns, rows } = takenRows(
    table.now,
    runs.map(({ run: { run_id }, input: { input } }) => ({ run_id, input })),
  );
  const all = [...table.now.rows];
  const origins = new Map<string, number>();
  const attempts = new Map<number, number>();
  const stored: StoredRun[] = [];
  const places = runs.map(({ run, input }, at) => {
    const made = rows[at]!;
    const place = placeOf(run.metadata) ?? placeOf(input.metadata);
    const origin = place === null ? null : `${place.row} ${setOf(place.attempt)}`;
    const known = origin === null ? null : origins.get(origin) ?? table.rowOf(origin);
    if (known !== null && !isFirstAttempt(place!.attempt) && isSame(all[known - 1]!, made)) {
      const last = Math.max(
        attempts.get(known) ?? table.lastOf(known),
        sendView(view, 0, known).attempt,
        1,
      );
      const attempt = attemptAfter(last);
      if (attempt !== null) {
        attempts.set(known, attempt);
        const { run_id, processor } = run;
        const at_ms = Date.parse(run.created_at ?? "") || now;
        stored.push({ later_of: known, attempt, run_id, processor, at_ms });
        return { row: known, attempt };
      }
    }
    const isOrigin = origin !== null && known === null;
    const row = all.push(made);
    if (isOrigin) origins.set(origin, row);
    stored.push({ ...made, line: row, ...isOrigin && { origin } });
    return { row, attempt: 1 };
  });
  return { columns, stored, places };
}

/** Whether two rows have the same cells. Rows have no cells in columns that came after them. */
function isSame({ cells: some }: StoredRow, { cells: others }: StoredRow): boolean {
  const length = Math.max(some.length, others.length);
  for (let at = 0; at < length; at++) if ((some[at] ?? "") !== (others[at] ?? "")) return false;
  return true;
}

/** Number of characters in all cells. */
export function charsOf(rows: readonly Pick<StoredRow, "cells">[]): number {
  return rows.reduce((sum, { cells }) => cells.reduce((all, { length }) => all + length, sum), 0);
}
