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

/** Returns all matching rows, sorted. Pauses after each row: a search reads the whole table. */
export function* selectRows<Row extends SelectableRow>(
  rows: Iterable<Row>,
  query: RowQuery,
  columns: SelectColumns,
): Generator<"", Row[]> {
  const words = query.q.split(/\s+/).filter((word) => word !== "");
  const isFound = words.length === 0 ? null : containing(words);
  const found: Row[] = [];
  for (const row of rows) {
    if (fits(row, query, isFound)) found.push(row);
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

function fits(
  { row, view }: SelectableRow,
  query: RowQuery,
  isFound: ((text: string) => boolean) | null,
): boolean {
  if (query.status !== "" && !hasStatus(view, query.status)) return false;
  if (query.low && !(view.cells !== null && lowCells(view.cells) > 0)) return false;
  if (query.empty) {
    const cells = view.status === "completed" ? view.cells ?? [] : [];
    if (!cells.some(({ text }) => isBlank(text))) return false;
  }
  if (isFound === null) return true;
  const text = [...row.cells, ...(view.cells ?? []).map(({ text }) => text), view.reason ?? ""]
    .join("\n");
  return isFound(text);
}

type Key = string | number;

function sortKey(
  sort: string,
  { inputs, outputs }: SelectColumns,
): ((row: SelectableRow) => Key) | null {
  const input = inputs.indexOf(sort), output = outputs.indexOf(sort);
  if (sort !== "" && input !== -1) return ({ row }) => row.cells[input]?.trim() ?? "";
  if (sort !== "" && output !== -1) return ({ view }) => view.cells?.[output]?.text.trim() ?? "";
  if (sort === "status") return ({ view }) => view.status;
  if (sort === "cost") return ({ view }) => view.cost_usd ?? "";
  return null;
}

/** Sorts numbers by value and before texts: a collator's `numeric` option ignores signs and decimals. */
function compare(one: Key, other: Key, collator: Intl.Collator): number {
  const a = one === "" ? NaN : Number(one), b = other === "" ? NaN : Number(other);
  if (Number.isNaN(a) && Number.isNaN(b)) return collator.compare(String(one), String(other));
  if (Number.isNaN(a) || Number.isNaN(b)) return Number.isNaN(a) ? 1 : -1;
  return a - b;
}
