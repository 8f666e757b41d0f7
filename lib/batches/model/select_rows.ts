/**
 * Filters and sorts rows by the query of `/batches/:id`. Not in the file of the query, which pages load. Pure.
 */
import { containing } from "../../base/mod.ts";
import { lowCells } from "./events.ts";
import type { RowView } from "./rows.ts";
import { hasStatus, type RowQuery } from "./select.ts";
import { isBlank, type TableRow } from "./table.ts";

/** An uploaded row with its state. */
export interface SelectableRow {
  readonly row: TableRow;
  readonly view: RowView;
}

/** Column names, inputs first. */
export interface SelectColumns {
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
}

/** A row with more text than this is searched cell by cell (characters). */
const SEARCHED_AT_ONCE = 64 * 1024;
/** Rows are sorted by the beginnings of their cells (characters). */
const SORTED_CHARS = 400;

/** Returns all matching rows, sorted. Pauses after each row, and within long ones: a search reads the whole table. */
export function* selectRows<Row extends SelectableRow>(
  rows: Iterable<Row>,
  query: RowQuery,
  columns: SelectColumns,
): Generator<"", Row[]> {
  const words = query.q.split(/\s+/).filter((word) => word !== "");
  const search = words.length === 0 ? null : searchFor(words);
  const found: Row[] = [];
  for (const row of rows) {
    if (fits(row, query) && (search === null || (yield* search(textsOf(row))))) found.push(row);
    yield "";
  }
  const key = sortKey(query.sort, columns);
  if (key === null) return query.descending && query.sort === "row" ? found.reverse() : found;
  const collator = new Intl.Collator("en", { numeric: true, sensitivity: "base" });
  const keyed = found.map((row) => ({ row, key: key(row) }));
  // Empty values come last in both directions. Equal rows keep their order.
  const sign = query.descending ? -1 : 1;
  return keyed.sort((a, b) =>
    Number(a.key === "") - Number(b.key === "") || sign * compare(a.key, b.key, collator)
  ).map(({ row }) => row);
}

function fits({ view }: SelectableRow, query: RowQuery): boolean {
  if (query.status !== "" && !hasStatus(view, query.status)) return false;
  if (query.low && !(view.cells !== null && lowCells(view.cells) > 0)) return false;
  if (query.empty) {
    const cells = view.status === "completed" ? view.cells ?? [] : [];
    if (!cells.some(({ text }) => isBlank(text))) return false;
  }
  return true;
}

function textsOf({ row, view }: SelectableRow): string[] {
  return [...row.cells, ...(view.cells ?? []).map(({ text }) => text), view.reason ?? ""];
}

/** Returns a function that tells in steps whether some texts contain all of these words. */
function searchFor(words: readonly string[]) {
  const containsAll = containing(words);
  const each = words.map((word) => containing([word]));
  return function* (texts: readonly string[]): Generator<"", boolean> {
    const chars = texts.reduce((sum, { length }) => sum + length, 0);
    if (chars <= SEARCHED_AT_ONCE) return containsAll(texts.join("\n"));
    let left = each;
    for (const text of texts) {
      left = left.filter((contains) => !contains(text));
      if (left.length === 0) return true;
      yield "";
    }
    return false;
  };
}

type Key = string | number;

function sortKey(
  sort: string,
  { inputs, outputs }: SelectColumns,
): ((row: SelectableRow) => Key) | null {
  const input = inputs.indexOf(sort), output = outputs.indexOf(sort);
  if (sort !== "" && input !== -1) return ({ row }) => cellKey(row.cells[input]);
  if (sort !== "" && output !== -1) return ({ view }) => cellKey(view.cells?.[output]?.text);
  if (sort === "status") return ({ view }) => view.status;
  if (sort === "cost") return ({ view }) => view.cost_usd ?? "";
  return null;
}

function cellKey(text = ""): string {
  return text.trimStart().slice(0, SORTED_CHARS).trimEnd();
}

/** Sorts numbers by value and before texts: a collator's `numeric` option ignores signs and decimals. */
function compare(one: Key, other: Key, collator: Intl.Collator): number {
  const a = one === "" ? NaN : Number(one), b = other === "" ? NaN : Number(other);
  if (Number.isNaN(a) && Number.isNaN(b)) return collator.compare(String(one), String(other));
  if (Number.isNaN(a) || Number.isNaN(b)) return Number.isNaN(a) ? 1 : -1;
  return a - b;
}
