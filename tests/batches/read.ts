/** Reads tables in tests. */
import { assert } from "@std/assert";
import type { Table, TableProblem } from "../../lib/batches/model/table.ts";
import { readTable, type ReadTableOptions } from "../../lib/batches/mod.ts";

/** The table of a source that is well. */
export async function tableOf(
  source: string | Uint8Array,
  options: ReadTableOptions = {},
): Promise<Table> {
  const read = await readTable(source, options);
  assert(read.ok, JSON.stringify(read));
  // Drafts are kept as JSON.
  return JSON.parse(JSON.stringify(read.table)) as Table;
}

/** Headings' names and texts. */
export async function gridOf(
  source: string | Uint8Array,
  options: ReadTableOptions = {},
): Promise<string[][]> {
  const table = await tableOf(source, options);
  return [table.columns.map(({ name }) => name), ...table.rows.map(({ cells }) => [...cells])];
}

export async function problemOf(
  source: string | Uint8Array,
  options: ReadTableOptions = {},
): Promise<TableProblem> {
  const read = await readTable(source, options);
  assert(!read.ok, "It was read");
  return read.problem;
}

/** Code and place of each note. */
export function noted(table: Table): string[] {
  return table.notes.map(({ code, line, column, count }) =>
    [code, line ?? "-", column ?? "-", count].join(" ")
  );
}
