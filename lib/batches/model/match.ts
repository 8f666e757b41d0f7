/** Maps the rows of another table to a batch's columns, so they can be added to it. Pure. */
import type { Table, TableColumn, TableRow } from "./table.ts";

export interface MatchedRows {
  readonly rows: readonly TableRow[];
  /** Columns that only the batch has. */
  readonly missing: readonly string[];
  /** Columns that only the other table has. Their cells are dropped. */
  readonly unknown: readonly string[];
}

/** Matches columns by name. Returns `null` if the tables have no column in common. */
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
