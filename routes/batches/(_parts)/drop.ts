/** Removes rows of an uploaded table on request. */
import {
  blankRows,
  dropRows,
  duplicateRows,
  type NoteCode,
  type Table,
} from "../../../lib/batches/model/mod.ts";
import { inTurns } from "../../../lib/base/mod.ts";

/** Which rows to remove. `unfit`: rows that cannot be sent with the chosen columns. */
export type Drop = "blank" | "repeated" | "totals" | "unfit";

const DROPS: readonly Drop[] = ["blank", "repeated", "totals", "unfit"];

/** Notes about the removed rows, which no longer apply. */
const NOTES: Readonly<Partial<Record<Drop, NoteCode>>> = {
  blank: "blank_rows",
  repeated: "duplicate_rows",
  totals: "totals_row",
};

export function dropIn(form: FormData): Drop | null {
  const wanted = form.get("drop");
  return DROPS.find((drop) => drop === wanted) ?? null;
}

/** Returns the table without those rows, or `null` if none would be left. */
export async function without(
  table: Table,
  drop: Drop,
  unfit: readonly { readonly row: number }[],
): Promise<Table | null> {
  const left = dropRows(table, await rowsOf(table, drop, unfit));
  if (left.rows.length === 0) return null;
  return { ...left, notes: left.notes.filter(({ code }) => code !== NOTES[drop]) };
}

async function rowsOf(
  table: Table,
  drop: Drop,
  unfit: readonly { readonly row: number }[],
): Promise<number[]> {
  switch (drop) {
    case "blank":
      return blankRows(table);
    case "repeated":
      return (await inTurns(duplicateRows(table))).map(({ row }) => row);
    case "totals":
      return table.totals_row === null ? [] : [table.totals_row];
    case "unfit":
      return unfit.map(({ row }) => row);
  }
}
