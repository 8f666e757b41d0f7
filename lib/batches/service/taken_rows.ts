/** Turns the requests of an adopted group's runs into rows. Pure. */
import { isObject } from "../../base/mod.ts";
import type { TaskRunInput } from "../../parallel/mod.ts";
import { KIND_LETTERS, TABLE_LIMITS } from "../model/mod.ts";
import { jsonCell } from "../table/json_rows.ts";
import type { StoredRow, StoredTable } from "./table.ts";

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

/** Number of characters in all cells. */
export function charsOf(rows: readonly Pick<StoredRow, "cells">[]): number {
  return rows.reduce((sum, { cells }) => cells.reduce((all, { length }) => all + length, sum), 0);
}
