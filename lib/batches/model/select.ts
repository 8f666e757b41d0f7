/** Filters and sorts rows by the query of `/batches/:id`. Pure. */
import { isOver } from "./pace.ts";
import { isBlank, type TableRow } from "./table.ts";
import { lowCells } from "./events.ts";
import { type RowView, WAITING } from "./rows.ts";

/** The filters, order and page in the URL. */
export interface RowQuery {
  /** `failed`, `running`, `waiting`, `completed` or any other status; empty for all. */
  readonly status: string;
  /** The row must contain all of these words. */
  readonly q: string;
  /** Only rows with a low-confidence cell. */
  readonly low: boolean;
  /** Only completed rows with an empty field. */
  readonly empty: boolean;
  /** A column's name, or one of {@linkcode SORT_COLUMNS}; empty for upload order. */
  readonly sort: string;
  readonly descending: boolean;
  /** From 1. */
  readonly page: number;
}

/** Sort keys in addition to the columns. A column of the same name wins. */
export const SORT_COLUMNS: readonly string[] = ["row", "status", "cost"];

/** Rows per page. */
export const ROWS_PER_PAGE = 100;

/** Characters of a search. The rest is ignored. */
const MOST_QUERY_CHARS = 200;

/** Reads the query. Invalid parameters are ignored. */
export function readRowQuery(search: URLSearchParams): RowQuery {
  const sort = search.get("sort") ?? "";
  const page = Number(search.get("page"));
  return {
    status: (search.get("status") ?? "").slice(0, 40),
    q: (search.get("q") ?? "").slice(0, MOST_QUERY_CHARS),
    low: search.get("confidence") === "low",
    empty: search.get("empty") === "1",
    sort: sort.replace(/^-/, ""),
    descending: sort.startsWith("-"),
    page: Number.isSafeInteger(page) && page > 0 ? page : 1,
  };
}

/** Writes the query, omitting defaults. */
export function writeRowQuery(query: RowQuery): URLSearchParams {
  const search = new URLSearchParams();
  const set = (name: string, value: string) => value !== "" && search.set(name, value);
  set("status", query.status);
  set("q", query.q);
  set("confidence", query.low ? "low" : "");
  set("empty", query.empty ? "1" : "");
  set("sort", query.sort === "" ? "" : `${query.descending ? "-" : ""}${query.sort}`);
  set("page", query.page > 1 ? String(query.page) : "");
  return search;
}

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

/** Returns all matching rows, sorted. */
export function selectRows<Row extends SelectableRow>(
  rows: Iterable<Row>,
  query: RowQuery,
  columns: SelectColumns,
): Row[] {
  const words = query.q.toLowerCase().split(/\s+/).filter((word) => word !== "");
  const found = [...rows].filter((row) => fits(row, query, words));
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

function fits({ row, view }: SelectableRow, query: RowQuery, words: readonly string[]): boolean {
  if (query.status !== "" && !hasStatus(view, query.status)) return false;
  if (query.low && !(view.cells !== null && lowCells(view.cells) > 0)) return false;
  if (query.empty) {
    const cells = view.status === "completed" ? view.cells ?? [] : [];
    if (!cells.some(({ text }) => isBlank(text))) return false;
  }
  if (words.length === 0) return true;
  const text = [...row.cells, ...(view.cells ?? []).map(({ text }) => text), view.reason ?? ""]
    .join("\n").toLowerCase();
  return words.every((word) => text.includes(word));
}

/** Whether a row matches a status filter. */
export function hasStatus({ status }: Pick<RowView, "status">, wanted: string): boolean {
  switch (wanted) {
    case "failed":
      return isOver(status) && status !== "completed" && status !== "deleted";
    case "running":
      return !isOver(status) && status !== WAITING;
    default:
      return status === wanted;
  }
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
