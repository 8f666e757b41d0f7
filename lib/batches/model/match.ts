/** Rows of another table in the columns of a batch, for those that are added later. Pure. */
import type { Table, TableColumn, TableRow } from "./table.ts";

export interface MatchedRows {
  readonly rows: readonly TableRow[];
  /** Columns of the batch that the other table lacks. */
  readonly missing: readonly string[];
  /** Columns of the other table that the batch lacks. Their cells are left out. */
  readonly unknown: readonly string[];
}

/** The rows in the batch's columns, found by name; `null` if the tables have no column in common. */
export function matchRows(columns: readonly TableColumn[], table: Table): MatchedRows | null {
  const places = columns.map(({ name }) => table.columns.findIndex((each) => each.name === name));
  if (places.every((place) => place === -1)) return null;
  const pick = <T>(cells: ArrayLike<T>, none: T) => places.map((place) => cells[place] ?? none);
  const names = new Set(columns.map(({ name }) => name));
  return {
    rows: table.rows.map(({ line, cells, kinds }) => ({
      line,
      cells: pick(cells, ""),
      ...kinds === undefined ? {} : { kinds: pick(kinds, "t").join("") },
    })),
    missing: columns.filter((_, at) => places[at] === -1).map(({ name }) => name),
    unknown: table.columns.filter(({ name }) => !names.has(name)).map(({ name }) => name),
  };
}
