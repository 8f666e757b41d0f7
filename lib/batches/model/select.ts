/** The query of `/batches/:id`. Pure. */
import { isOver } from "./pace.ts";
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
  /** A column's name, which wins, or `row`, `status` or `cost`; empty for upload order. */
  readonly sort: string;
  readonly descending: boolean;
  /** From 1. */
  readonly page: number;
}

/** Rows per page. */
export const ROWS_PER_PAGE = 100;

/** Characters of a search. The rest is ignored. */
const MAX_QUERY_CHARS = 200;

/** Reads the query. Invalid parameters are ignored. */
export function readRowQuery(search: URLSearchParams): RowQuery {
  const sort = search.get("sort") ?? "";
  const page = Number(search.get("page"));
  return {
    status: (search.get("status") ?? "").slice(0, 40),
    q: (search.get("q") ?? "").slice(0, MAX_QUERY_CHARS),
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
