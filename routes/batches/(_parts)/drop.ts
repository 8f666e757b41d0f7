/** Leaves rows of an uploaded table out, as its owner asks. */
import {
  blankRows,
  dropRows,
  duplicateRows,
  type NoteCode,
  type Table,
} from "../../../lib/batches/model/mod.ts";
import { inTurns } from "../../../lib/base/mod.ts";

/** Which rows. `unfit`: those that cannot be sent with the chosen columns. */
export type Drop = "blank" | "repeated" | "totals" | "unfit";

const DROPS: readonly Drop[] = ["blank", "repeated", "totals", "unfit"];

/** What a note about the dropped rows says is no longer true. */
const NOTES: Readonly<Partial<Record<Drop, NoteCode>>> = {
  blank: "blank_rows",
  repeated: "duplicate_rows",
  totals: "totals_row",
};

export function dropIn(form: FormData): Drop | null {
  const wanted = form.get("drop");
  return DROPS.find((drop) => drop === wanted) ?? null;
}

/** The table without those rows; `null` if none would be left. */
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
