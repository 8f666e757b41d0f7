/** Turns the requests of an adopted group's runs into rows, and finds the rows that were run again. Pure. */
import { count, inOrder, isObject } from "../../base/mod.ts";
import type { TaskRun, TaskRunInput } from "../../parallel/mod.ts";
import {
  attemptAfter,
  type BatchView,
  firstAttempt,
  isFirstAttempt,
  KIND_LETTERS,
  MAX_SETS,
  mebibytes,
  sendView,
  setOf,
  TABLE_LIMITS,
} from "../model/mod.ts";
import { jsonCell } from "../table/json_rows.ts";
import { placeOf } from "./look_up.ts";
import type { AddedRows } from "./store.ts";
import { type BatchTask, RESERVED_METADATA } from "./types.ts";
import type { HeldTable, StoredRow, StoredRun, StoredTable } from "./table.ts";

/** The column of inputs that are texts. */
export const INPUT_COLUMN = "input";
/** Members in further columns are shown only on the run's page (columns times rows stay within a table's cells). */
const MAX_COLUMNS = 200;

/** A run of an adopted group. */
export interface AdoptedRun {
  readonly run_id: string;
  readonly input: TaskRunInput["input"];
}

/** Rows to add, and the columns that they bring. */
export interface AdoptedRows {
  readonly columns: readonly string[];
  readonly rows: readonly StoredRow[];
}

/** Makes rows of runs. Each member of an input gets a column, in order of first appearance. */
function adoptedRows(
  { columns, rows }: Pick<StoredTable, "columns" | "rows">,
  runs: readonly AdoptedRun[],
): AdoptedRows {
  const places = new Map(columns.map(({ name }, at) => [name, at]));
  const added: string[] = [];
  const placeOf = (name: string): number | null => {
    const known = places.get(name);
    if (known !== undefined) return known;
    if (places.size >= MAX_COLUMNS || name.length > TABLE_LIMITS.headingChars) return null;
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
export interface AdoptedEvent {
  readonly run: TaskRun;
  readonly input: TaskRunInput;
}

type RunPlace = NonNullable<ReturnType<typeof placeOf>>;

/** Where runs belong: the row and attempt of each, and what to store. */
export interface PlacedRuns {
  readonly columns: readonly string[];
  readonly stored: readonly StoredRun[];
  readonly places: readonly { readonly row: number; readonly attempt: number }[];
  /** New column sets of these runs: their number in the other Taskstream, and the first request of each. */
  readonly joined: readonly { readonly origin: number; readonly input: TaskRunInput }[];
}

/**
 * Gives each run its row. A run that another Taskstream has made of a row of its own batch, as a further attempt,
 * is a later run of that row, if its input is the same. One that it has made for added columns is the row's run in
 * such a column set here. Anything else is a new row.
 */
export function placedRuns(
  table: Pick<HeldTable, "lastOf" | "now" | "rowOf">,
  view: BatchView,
  runs: readonly AdoptedEvent[],
  /** The added columns of the batch. */
  brought: readonly AddedRows[],
  now: number,
): PlacedRuns {
  const { columns, rows } = adoptedRows(
    table.now,
    runs.map(({ run: { run_id }, input: { input } }) => ({ run_id, input })),
  );
  const all = [...table.now.rows];
  const origins = new Map<string, number>();
  const attempts = new Map<string, number>();
  const stored: StoredRun[] = [];
  const joined: { readonly origin: number; readonly input: TaskRunInput }[] = [];
  const sets: (number | null)[] = [0, ...brought.map(({ origin }) => origin ?? null)];

  /** Returns the row that was made from another Taskstream's row, if its input is this run's input. */
  const rowFrom = (origin: string, made: StoredRow): number | null => {
    const row = origins.get(origin) ?? table.rowOf(origin);
    return row !== null && isSame(all[row - 1]!, made) ? row : null;
  };
  /** The next attempt of a row; `null` if a first one is there already, or none is left. */
  const attemptOf = (row: number, set: number, isFirst: boolean): number | null => {
    const last = Math.max(
      attempts.get(`${row} ${set}`) ?? table.lastOf(row, set),
      sendView(view, set, row).attempt,
      set === 0 ? 1 : 0,
    );
    if (last === 0) return firstAttempt(set);
    return isFirst ? null : attemptAfter(last);
  };
  /**
   * Returns the existing row that a run belongs to, and its attempt there; `null` if the run is a new row.
   */
  const laterPlace = (place: RunPlace, input: TaskRunInput, made: StoredRow) => {
    const isFirst = isFirstAttempt(place.attempt), origin = setOf(place.attempt);
    const own = rowFrom(originOf(place), made);
    const row = own ?? (origin === 0 ? null : rowFrom(`${place.row} 0`, made));
    if (row === null || (own !== null && isFirst)) return null;
    let set = own !== null ? 0 : sets.indexOf(origin);
    if (set === -1 && sets.length === MAX_SETS) return null;
    if (set === -1) {
      set = sets.push(origin) - 1;
      joined.push({ origin, input });
    }
    const attempt = attemptOf(row, set, isFirst);
    return attempt === null ? null : { row, attempt };
  };

  const places = runs.map(({ run, input }, at) => {
    const made = rows[at]!;
    const place = placeOf(run.metadata) ?? placeOf(input.metadata);
    const later = place === null ? null : laterPlace(place, input, made);
    if (later !== null) {
      const { row, attempt } = later;
      attempts.set(`${row} ${setOf(attempt)}`, attempt);
      const { run_id, processor } = run;
      const at_ms = Date.parse(run.created_at ?? "") || now;
      stored.push({ later_of: row, attempt, run_id, processor, at_ms });
      return later;
    }
    const origin = place === null ? null : originOf(place);
    const isOrigin = origin !== null && (origins.get(origin) ?? table.rowOf(origin)) === null;
    const row = all.push(made);
    if (isOrigin) origins.set(origin, row);
    stored.push({ ...made, line: row, ...isOrigin && { origin } });
    return { row, attempt: 1 };
  });
  return { columns, stored, places, joined };
}

/**
 * Whether a run of a group's list is a later one of a row, as far as its metadata says. `origins` has the rows of
 * the runs before it.
 */
export function isLaterRun({ run, input }: AdoptedEvent, origins: Set<string>): boolean {
  const place = placeOf(run.metadata) ?? placeOf(input.metadata);
  if (place === null) return false;
  const origin = originOf(place);
  if (!isFirstAttempt(place.attempt) && origins.has(origin)) return true;
  if (setOf(place.attempt) > 0 && origins.has(`${place.row} 0`)) return true;
  origins.add(origin);
  return false;
}

/** Identifies a row of another Taskstream in one of its column sets. */
function originOf({ row, attempt }: RunPlace): string {
  return `${row} ${setOf(attempt)}`;
}

/** How many of the runs a batch has room for, and why not for all. Later runs of its rows need no room. */
export function fitting(
  table: Pick<StoredTable, "rows">,
  runs: readonly AdoptedEvent[],
  { places }: Pick<PlacedRuns, "places">,
  { rows, bytes }: { readonly rows: number; readonly bytes: number },
): { readonly fits: number; readonly note: string | null } {
  let room = bytes - charsOf(table.rows), last = table.rows.length;
  for (const [at, { row }] of places.entries()) {
    if (row <= last) continue;
    last = row;
    room -= JSON.stringify(runs[at]!.input.input).length;
    if (row <= rows && room >= 0) continue;
    const most = room < 0 ? `${mebibytes(bytes)} of inputs` : `${count(rows)} rows`;
    const note =
      `This group is larger than a batch can be: the runs after ${most} are not shown here.`;
    return { fits: at, note };
  }
  return { fits: runs.length, note: null };
}

/** Whether two rows have the same cells. Rows have no cells in columns that came after them. */
function isSame({ cells: some }: StoredRow, { cells: others }: StoredRow): boolean {
  const length = Math.max(some.length, others.length);
  for (let at = 0; at < length; at++) if ((some[at] ?? "") !== (others[at] ?? "")) return false;
  return true;
}

/** Number of characters in all cells. */
function charsOf(rows: readonly Pick<StoredRow, "cells">[]): number {
  return rows.reduce((sum, { cells }) => cells.reduce((all, { length }) => all + length, sum), 0);
}

/** A run's request without its input. Rows and columns that are added later use the same one. */
export function taskOf({ input: _, metadata, webhook: __, ...task }: TaskRunInput): BatchTask {
  const own = Object.entries(metadata ?? {}).filter(([name]) => !RESERVED_METADATA.includes(name));
  return { ...task, ...own.length > 0 && { metadata: inOrder(own) } };
}
