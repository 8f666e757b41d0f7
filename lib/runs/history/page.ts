/** Pages of an account's history, newest first, addressed by cursor rather than offset. */
import {
  eachCombination,
  eachFacet,
  type Facets,
  type HistoryPage,
  type RunSummary,
} from "../model/mod.ts";
import { facetPrefix, historyKey, historyPrefix, type Position } from "./keys.ts";

/** A list's filters. */
export interface HistoryFilter extends Facets {
  /** Created at or after (Unix ms). */
  readonly from_ms: number | null;
  /** Created before (Unix ms). */
  readonly to_ms: number | null;
}

/** Matches the whole history. */
export const NO_FILTER: HistoryFilter = {
  ...eachFacet(() => null),
  from_ms: null,
  to_ms: null,
};

/** Selects a page. */
export interface PageOptions {
  readonly cursor?: string | null;
  readonly limit?: number;
  readonly filter?: HistoryFilter;
  /** Include the rows of batches, as exports do. Of the filter only the dates are used then. */
  readonly rows?: boolean;
}

/** A cursor: a page starts next to the run it names, which was already shown. */
export interface Cursor extends Position {
  readonly direction: "older" | "newer";
}

/** KV reads at most this many keys per call. */
const GET_MANY = 10;

/** Returns an account's line for a run, or `null`. */
export async function readSummary(
  kv: Deno.Kv,
  account: string,
  createdMs: number,
  runId: string,
): Promise<RunSummary | null> {
  return (await kv.get<RunSummary>(historyKey(account, createdMs, runId))).value;
}

/** Returns an account's lines for runs, with `null` for runs it does not have. */
export async function readSummaries(
  kv: Deno.Kv,
  account: string,
  positions: readonly Position[],
): Promise<(RunSummary | null)[]> {
  const keys = positions.map(({ created_ms, run_id }) => historyKey(account, created_ms, run_id));
  return await readMany<RunSummary>(kv, keys);
}

/** Returns the values of keys, `null` for keys without one. */
export async function readMany<T>(
  kv: Deno.Kv,
  keys: readonly Deno.KvKey[],
): Promise<(T | null)[]> {
  const batches = Array.from(
    { length: Math.ceil(keys.length / GET_MANY) },
    (_, batch) => kv.getMany<T[]>(keys.slice(batch * GET_MANY, (batch + 1) * GET_MANY)),
  );
  return (await Promise.all(batches)).flat().map(({ value }) => value);
}

/** Returns one page of an account's history. An invalid cursor starts at the newest run. */
export async function readHistory(
  kv: Deno.Kv,
  account: string,
  { cursor = null, limit = 25, filter = NO_FILTER, rows = false }: PageOptions,
): Promise<HistoryPage> {
  const at = readCursor(cursor);
  const newer = at?.direction === "newer";
  const options = { limit: limit + 1, reverse: !newer };
  const entriesOf = (prefix: Deno.KvKey) =>
    Array.fromAsync(kv.list<RunSummary | null>(selectorOf(prefix, filter, at), options));
  if (rows) {
    // The history's entries hold the summaries.
    const found = (await entriesOf(historyPrefix(account))).flatMap(({ value }) => value ?? []);
    return pageOf(found.slice(0, limit), { at, more: found.length > limit });
  }
  const prefixes = eachCombination(filter).map((facets) => facetPrefix(account, facets));
  const found = (await Promise.all(prefixes.map(entriesOf))).flat();
  const positions = found.map(({ key }) => positionOf(key)).sort(comparePositions);
  if (!newer) positions.reverse();
  const shown = await readSummaries(kv, account, positions.slice(0, limit));
  const runs = shown.filter((run) => run !== null);
  return pageOf(runs, { at, more: positions.length > limit });
}

/** Sorts the oldest first. */
export function comparePositions(a: Position, b: Position): number {
  return a.created_ms - b.created_ms || (a.run_id === b.run_id ? 0 : a.run_id < b.run_id ? -1 : 1);
}

/** Returns the number of lines that fit a filter, counted up to a limit. */
export async function countLines(
  kv: Deno.Kv,
  account: string,
  filter: HistoryFilter,
  limit: number,
): Promise<number> {
  const selector = selectorOf(facetPrefix(account, filter), filter, null);
  return (await Array.fromAsync(kv.list(selector, { limit }))).length;
}

/** Builds a page from the lines found in a cursor's direction. `more` says whether others follow. */
export function pageOf<T extends Position>(
  found: readonly T[],
  { at, more }: { readonly at: Cursor | null; readonly more: boolean },
): Omit<HistoryPage, "runs"> & { readonly runs: readonly T[] } {
  const newer = at?.direction === "newer";
  const runs = newer ? found.toReversed() : found;
  const first = runs[0], last = runs.at(-1);
  return {
    runs,
    next: (newer || more) && last !== undefined ? writeCursor("older", last) : null,
    prev: (newer ? more : at !== null) && first !== undefined ? writeCursor("newer", first) : null,
  };
}

/** The keys under a prefix that a page can show: within its dates, starting at its cursor. */
function selectorOf(
  prefix: Deno.KvKey,
  filter: Pick<HistoryFilter, "from_ms" | "to_ms">,
  at: Cursor | null,
): Deno.KvListSelector {
  let start: Deno.KvKey = [...prefix, filter.from_ms ?? Number.MIN_SAFE_INTEGER];
  let end: Deno.KvKey = [...prefix, filter.to_ms ?? Number.MAX_SAFE_INTEGER];
  // Both ends are exclusive: the cursor names the last run that was shown.
  if (at?.direction === "newer" && at.created_ms >= (filter.from_ms ?? -Infinity)) {
    start = [...prefix, at.created_ms, `${at.run_id}\0`];
  } else if (at?.direction === "older" && at.created_ms < (filter.to_ms ?? Infinity)) {
    end = [...prefix, at.created_ms, at.run_id];
  }
  return { start, end };
}

/** Reads a key's position in a history. */
export function positionOf(key: Deno.KvKey): Position {
  const [createdMs, runId] = key.slice(-2);
  return { created_ms: Number(createdMs), run_id: String(runId) };
}

/** Returns the ids of an account's runs created before a time (Unix ms), oldest first. */
export async function* runsBefore(
  kv: Deno.Kv,
  account: string,
  beforeMs: number,
): AsyncGenerator<string> {
  const selector = selectorOf(["history", account], { from_ms: null, to_ms: beforeMs }, null);
  for await (const { key } of kv.list(selector)) yield positionOf(key).run_id;
}

/** Formats a cursor. */
export function writeCursor(
  direction: Cursor["direction"],
  { created_ms, run_id }: Position,
): string {
  return `${direction}.${created_ms}.${run_id}`;
}

/** Parses a cursor. Returns `null` if it is invalid. */
export function readCursor(text: string | null): Cursor | null {
  const match = /^(older|newer)\.(-?\d{1,16})\.([\w-]{1,100})$/.exec(text ?? "");
  if (match === null) return null;
  const [, direction, created, runId] = match;
  return {
    direction: direction === "newer" ? "newer" : "older",
    created_ms: Number(created),
    run_id: runId ?? "",
  };
}
