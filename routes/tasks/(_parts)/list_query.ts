/** Reads and writes a list's URL. Pure: runs in a browser. */
import { isRealDate } from "../../../lib/base/mod.ts";
import {
  eachFacet,
  FACETS,
  type FacetValues,
  facetValues,
  type RunSummary,
} from "../../../lib/runs/model/mod.ts";

/** The filter's fields, as in the URL. Empty: any. */
export interface ListQuery extends FacetValues<string> {
  readonly q: string;
  /** First and last day (UTC), `YYYY-MM-DD`. */
  readonly from: string;
  readonly to: string;
  readonly cursor: string;
  /** The `schema` of runs that ask for the same fields. */
  readonly schema: string;
  /** `table`: the runs as rows of a table. */
  readonly view: string;
  /** IDs of the runs in the table, instead of a filter. */
  readonly ids: string;
}

export type ListField = keyof ListQuery;

/** The fields that a user fills in, in order. */
const FILTERS = ["q", ...FACETS.map(({ name }) => name), "from", "to", "schema"] as const;

/** The longest field value that is read. Longer ones match nothing. */
const MAX_LENGTH = 500;
/** The same for a status or the like, which becomes a part of a key of the store. */
const MAX_FACET = 100;
/** A hundred ids. */
const MAX_IDS_LENGTH = 5_000;
/** The most characters of a search. The page says so if there were more. */
export const MAX_SEARCH = 2_000;
const DAY_MS = 86_400_000;

/** Parses a URL's query. */
export function readListQuery(params: URLSearchParams): ListQuery {
  const read = (name: string, length = MAX_LENGTH) =>
    (params.get(name) ?? "").trim().slice(0, length);
  return {
    // One more, to detect that there were more.
    q: read("q", MAX_SEARCH + 1),
    ...eachFacet((name) => read(name, MAX_FACET)),
    from: read("from"),
    to: read("to"),
    cursor: read("cursor"),
    schema: read("schema"),
    view: params.get("view") === "table" ? "table" : "",
    ids: read("ids", MAX_IDS_LENGTH),
  };
}

/** The problems with the dates. With an invalid date nothing is listed. */
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

/** The time range of the dates: the first millisecond, and the one after the last. */
export function datesOf({ from, to }: ListQuery): {
  readonly from_ms: number | null;
  readonly to_ms: number | null;
} {
  return {
    from_ms: isRealDate(from) ? Date.parse(from) : null,
    to_ms: isRealDate(to) ? Date.parse(to) + DAY_MS : null,
  };
}

/** Returns whether any filter is set. */
export function isNarrowed(query: ListQuery): boolean {
  return FILTERS.some((name) => query[name] !== "");
}

/** Returns whether a task can match the dates. Without the messages, which a browser does not need. */
export function isSound({ from, to }: ListQuery): boolean {
  const isDate = (day: string) => day === "" || isRealDate(day);
  return isDate(from) && isDate(to) && (from === "" || to === "" || from <= to);
}

/** Builds the URL of a list. `changes` replace fields, `more` adds parameters. */
export function listHref(
  query: ListQuery,
  changes: Partial<ListQuery> = {},
  more: Readonly<Record<string, string>> = {},
): string {
  const params = new URLSearchParams(more);
  const next = { ...query, ...changes };
  for (const name of [...FILTERS, "cursor", "view", "ids"] as const) {
    if (next[name] !== "") params.set(name, next[name]);
  }
  return params.size === 0 ? "/tasks" : `/tasks?${params}`;
}

/** Returns whether a run matches the filters, ignoring search words. */
export function fits(query: ListQuery, run: RunSummary): boolean {
  const { from_ms, to_ms } = datesOf(query);
  return isSound(query) && run.batch === undefined &&
    FACETS.every(({ name, valueIn }) =>
      query[name] === "" || facetValues(name, query[name]).includes(valueIn(run))
    ) &&
    (query.schema === "" || run.schema === query.schema) &&
    run.created_ms >= (from_ms ?? 0) && run.created_ms < (to_ms ?? Infinity);
}

// The list that a form of this page was sent from.
/** Reads the filters from the form's `list`. Other parts of that URL are ignored. */
export function listOf(form: FormData, base: URL): ListQuery {
  const list = form.get("list");
  const url = typeof list === "string" ? URL.parse(list, base) : null;
  return readListQuery(url?.searchParams ?? new URLSearchParams());
}

// The list's keyboard shortcuts: j and k move down and up, x selects, / searches. Enter follows the link.
/** Handles a key, unless it is meant for a field or the browser. */
export function onListKey(event: KeyboardEvent, list: HTMLElement): void {
  if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
  const links = [...list.querySelectorAll<HTMLElement>(".row-link")];
  const row = document.activeElement?.closest("li") ?? null;
  const at = links.findIndex((link) => row?.contains(link));
  if (event.key === "/") document.getElementById("q")?.focus();
  else if (event.key === "j") links[Math.min(at + 1, links.length - 1)]?.focus();
  else if (event.key === "k") links[Math.max(at - 1, 0)]?.focus();
  else if (event.key === "x") row?.querySelector<HTMLInputElement>("[name=id]")?.click();
  else return;
  event.preventDefault();
}

/** Returns whether the element takes typed text. A checkbox does not. */
function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement &&
    (target.isContentEditable || target.matches("textarea, select, input:not([type=checkbox])"));
}
