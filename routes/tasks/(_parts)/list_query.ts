/** What a list's address asks for, read and written. Pure: runs in a browser. */
import { isRealDate } from "../../../lib/base/mod.ts";
import type { RunSummary } from "../../../lib/runs/model/mod.ts";

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
/** Characters that are searched for; the page says so where more were typed. */
export const MAX_SEARCH = 2_000;
const DAY_MS = 86_400_000;

/** The query of an address. */
export function readListQuery(params: URLSearchParams): ListQuery {
  const read = (name: string, length = MAX_LENGTH) =>
    (params.get(name) ?? "").trim().slice(0, length);
  return {
    // One more, so that it can be told that there were more.
    q: read("q", MAX_SEARCH + 1),
    status: read("status"),
    processor: read("processor"),
    output: read("output"),
    from: read("from"),
    to: read("to"),
    cursor: read("cursor"),
  };
}

/** What is wrong with the dates; with a wrong one nothing is listed. */
export function listProblems({ from, to }: ListQuery): Partial<Record<ListField, string>> {
  const say = (day: string) => `“${day}” is not a valid date. Use YYYY-MM-DD.`;
  const problems: Partial<Record<ListField, string>> = {};
  if (from !== "" && !isRealDate(from)) problems.from = say(from);
  if (to !== "" && !isRealDate(to)) problems.to = say(to);
  if (Object.keys(problems).length === 0 && from !== "" && to !== "" && from > to) {
    problems.to = "This date is before the “From” date, so no task can match.";
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

/** Whether a task can match the dates: without the messages, which a browser does not need. */
export function isSound({ from, to }: ListQuery): boolean {
  const isDate = (day: string) => day === "" || isRealDate(day);
  return isDate(from) && isDate(to) && (from === "" || to === "" || from <= to);
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
  return isSound(query) && (query.status === "" || run.status === query.status) &&
    (query.processor === "" || run.processor === query.processor) &&
    (query.output === "" || run.output_type === query.output) &&
    run.created_ms >= (from_ms ?? 0) && run.created_ms < (to_ms ?? Infinity);
}

// Where a form of the list's page was sent from.
/** What the list was narrowed down to, from the form's `list`: an address of which only that is taken. */
export function listOf(form: FormData, base: URL): ListQuery {
  const list = form.get("list");
  const url = typeof list === "string" ? URL.parse(list, base) : null;
  return readListQuery(url?.searchParams ?? new URLSearchParams());
}

// The keys of a list: j and k go down and up, x ticks, / searches. Enter is the link's own.
/** Does what a key asks for, unless it is meant for a field or for the browser. */
export function onListKey(event: KeyboardEvent, list: HTMLElement): void {
  if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
  const links = [...list.querySelectorAll<HTMLElement>(".row-link")];
  const row = document.activeElement?.closest("tr") ?? null;
  const at = links.findIndex((link) => row?.contains(link));
  if (event.key === "/") document.getElementById("q")?.focus();
  else if (event.key === "j") links[Math.min(at + 1, links.length - 1)]?.focus();
  else if (event.key === "k") links[Math.max(at - 1, 0)]?.focus();
  else if (event.key === "x") row?.querySelector<HTMLInputElement>("[name=id]")?.click();
  else return;
  event.preventDefault();
}

/** Whether keys are letters there. A ticked box is a field in which nobody types. */
function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement &&
    (target.isContentEditable || target.matches("textarea, select, input:not([type=checkbox])"));
}
