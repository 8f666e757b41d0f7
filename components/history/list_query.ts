/** What a list's address asks for, read and written. Pure: runs in a browser. */
import { isRealDate } from "../../lib/parallel/dates.ts";
import type { RunSummary } from "../../lib/runs/model.ts";

/** The fields of the filter, as in the address. Empty: any. */
export interface ListQuery {
  readonly q: string;
  readonly status: string;
  readonly processor: string;
  readonly output: string;
  /** First and last day (UTC), `YYYY-MM-DD`. */
  readonly from: string;
  readonly to: string;
  readonly cursor: string;
}

export type ListField = keyof ListQuery;

/** The fields that a person fills in, in order. */
const FILTERS = ["q", "status", "processor", "output", "from", "to"] as const;

/** Longest value of a field that is read: longer ones match nothing. */
const MAX_LENGTH = 500;
const DAY_MS = 86_400_000;

/** The query of an address. */
export function readListQuery(params: URLSearchParams): ListQuery {
  const read = (name: string) => (params.get(name) ?? "").trim().slice(0, MAX_LENGTH);
  return {
    q: read("q"),
    status: read("status"),
    processor: read("processor"),
    output: read("output"),
    from: read("from"),
    to: read("to"),
    cursor: read("cursor"),
  };
}

/** What is wrong with the fields; a wrong one narrows nothing down. */
export function listProblems({ from, to }: ListQuery): Partial<Record<ListField, string>> {
  const say = (day: string) => `“${day}” is no day. Write it as 2026-05-31.`;
  const problems: Partial<Record<ListField, string>> = {};
  if (from !== "" && !isRealDate(from)) problems.from = say(from);
  if (to !== "" && !isRealDate(to)) problems.to = say(to);
  if (Object.keys(problems).length === 0 && from !== "" && to !== "" && from > to) {
    problems.to = "This day is before the first one, so nothing can match.";
  }
  return problems;
}

/** Where the dates lie in time: the first millisecond, and the one after the last. */
export function datesOf({ from, to }: ListQuery): {
  readonly from_ms: number | null;
  readonly to_ms: number | null;
} {
  return {
    from_ms: isRealDate(from) ? Date.parse(from) : null,
    to_ms: isRealDate(to) ? Date.parse(to) + DAY_MS : null,
  };
}

/** Whether anything is narrowed down. */
export function isNarrowed(query: ListQuery): boolean {
  return FILTERS.some((name) => query[name] !== "");
}

/** The address of a list; `changes` replace fields, `more` is what is said besides. */
export function listHref(
  query: ListQuery,
  changes: Partial<ListQuery> = {},
  more: Readonly<Record<string, string>> = {},
): string {
  const params = new URLSearchParams(more);
  const next = { ...query, ...changes };
  for (const name of [...FILTERS, "cursor"] as const) {
    if (next[name] !== "") params.set(name, next[name]);
  }
  return params.size === 0 ? "/tasks" : `/tasks?${params}`;
}

/** Whether a run fits the filters; words it is searched for are not looked at. */
export function fits(query: ListQuery, run: RunSummary): boolean {
  const { from_ms, to_ms } = datesOf(query);
  return (query.status === "" || run.status === query.status) &&
    (query.processor === "" || run.processor === query.processor) &&
    (query.output === "" || run.output_type === query.output) &&
    run.created_ms >= (from_ms ?? 0) && run.created_ms < (to_ms ?? Infinity);
}
