/** Finds runs by words in their input, metadata and result, newest first. */
import {
  eachCombination,
  type Excerpt,
  FACETS,
  type RunSummary,
  type SearchPage,
} from "../model/mod.ts";
import {
  facetPrefix,
  type HistoryFilter,
  pageOf,
  type Position,
  readCursor,
  readSummaries,
  termPrefix,
  textKey,
  writeCursor,
} from "../history/mod.ts";
import { excerptOf } from "./excerpt.ts";
import {
  type Budget,
  BudgetError,
  Intersection,
  PostingList,
  type Postings,
  Union,
  type Walk,
} from "./postings.ts";
import { hasTerms, schemaTerm } from "./terms.ts";
import type { SearchText } from "./text.ts";
import { type QueryTerm, queryTerms } from "./tokens.ts";

/** The search terms and the requested page. */
export interface SearchOptions {
  readonly query: string;
  readonly cursor: string | null;
  readonly limit: number;
  readonly filter: HistoryFilter;
  /** Only runs that ask for these fields: the `schema` of a line. */
  readonly schema?: string | null;
  /** The most keys that one page reads. The next page continues from there. */
  readonly maxKeys?: number;
}

const MAX_KEYS = 50_000;
/** A prefix with more distinct words than this is checked in each run's own terms instead. */
const MAX_WORDS = 64;
/** The number of longest terms that yield candidates. The other terms are checked in these. */
const LEADING = 8;
/** KV reads at most this many keys per call. */
const GET_MANY = 10;
/** The number of candidates checked together: about a page. */
const CHUNK = 30;

/** Returns one page of search results: empty if the query contains no word. */
export async function searchHistory(
  kv: Deno.Kv,
  account: string,
  { query, cursor, limit, filter, schema = null, maxKeys = MAX_KEYS }: SearchOptions,
): Promise<SearchPage> {
  const terms = queryTerms(query);
  if (terms.length === 0 && schema === null) {
    return { runs: [], next: null, prev: null, excerpts: {}, partial: false, wordless: true };
  }
  const byLength = terms.toSorted((a, b) => b.text.length - a.text.length);
  const leading = byLength.slice(0, LEADING);
  const at = readCursor(cursor);
  const walk: Walk = {
    older: at?.direction !== "newer",
    from_ms: filter.from_ms ?? Number.MIN_SAFE_INTEGER,
    to_ms: filter.to_ms ?? Number.MAX_SAFE_INTEGER,
    after: at,
  };
  const budget: Budget = { keys: maxKeys };
  const { lists, broad } = await listsOf(kv, account, { terms: leading, filter, walk, budget });
  if (schema !== null) {
    lists.push(new PostingList(kv, termPrefix(account, schemaTerm(schema)), walk, budget));
  }
  const others = [...broad, ...byLength.slice(LEADING).map(({ text }) => text)];
  const candidates = new Intersection(lists, walk);
  const found: RunSummary[] = [];
  let partial = false;
  for (let more = true; more && found.length <= limit;) {
    const chunk = await take(candidates, CHUNK);
    partial = chunk.partial;
    more = chunk.positions.length === CHUNK && !partial;
    budget.keys -= others.length === 0 ? 0 : chunk.positions.length * TERMS_COST;
    const positions = await having(kv, account, chunk.positions, others);
    // A run that was just removed may still have terms.
    const runs = await readSummaries(kv, account, positions);
    found.push(...runs.filter((run) => run !== null));
  }
  const shown = found.slice(0, limit);
  const more = found.length > limit || partial;
  const page = pageOf(shown, { at, more });
  const excerpts = await readExcerpts(kv, account, page.runs, terms.map(({ text }) => text));
  const told = { excerpts, wordless: false };
  if (!partial || found.length > limit) return { ...page, ...told, partial: false };
  const end = candidates.reached ?? at;
  if (end === null) return { ...page, ...told, partial: true };
  const rest = writeCursor(walk.older ? "older" : "newer", beside(end, walk));
  return { ...page, [walk.older ? "next" : "prev"]: rest, ...told, partial: true };
}

/** Reading a run's own terms costs about as much as this many keys. */
const TERMS_COST = 10;

/** The lists that a run must be in, and the prefixes that match too many words for a list. */
async function listsOf(
  kv: Deno.Kv,
  account: string,
  { terms, filter, walk, budget }: {
    readonly terms: readonly QueryTerm[];
    readonly filter: HistoryFilter;
    readonly walk: Walk;
    readonly budget: Budget;
  },
): Promise<{ lists: Postings[]; broad: string[] }> {
  const list = (prefix: Deno.KvKey) => new PostingList(kv, prefix, walk, budget);
  const lists: Postings[] = [], broad: string[] = [];
  const expanded = await Promise.all(terms.map((term) => wordsFrom(kv, account, term)));
  for (const [index, words] of expanded.entries()) {
    if (words.length > MAX_WORDS) broad.push(terms[index]!.text);
    else lists.push(new Union(words.map((word) => list(termPrefix(account, word))), walk));
  }
  const isFiltered = FACETS.some(({ name }) => filter[name] !== null);
  if (isFiltered || lists.length === 0) {
    const indexes = eachCombination(filter).flatMap((facets) =>
      (["index", "row_index"] as const).map((index) => facetPrefix(account, facets, index))
    );
    lists.push(new Union(indexes.map(list), walk));
  }
  return { lists, broad };
}

/** The words in an account's histories that match a term: at most one more than can be used. */
async function wordsFrom(
  kv: Deno.Kv,
  account: string,
  { text: beginning, whole }: QueryTerm,
): Promise<string[]> {
  if (whole) return [beginning];
  const words: string[] = [];
  const end = termPrefix(account, `${beginning}\u{10ffff}`);
  for (let start = termPrefix(account, beginning); words.length <= MAX_WORDS;) {
    const [entry] = await Array.fromAsync(kv.list({ start, end }, { limit: 1 }));
    const word = entry?.key[2];
    if (typeof word !== "string") break;
    words.push(word);
    // Skip its runs: the next key after a word is the word and a zero.
    start = termPrefix(account, `${word}\0`);
  }
  return words;
}

/** The position just before a run in the walk, so a page that starts after it begins with the run. */
function beside({ created_ms, run_id }: Position, { older }: Walk): Position {
  return older ? { created_ms, run_id: `${run_id}_` } : { created_ms: created_ms - 1, run_id: "z" };
}

/** Returns the next candidates. `partial`: the search had to stop before it had `count` of them. */
async function take(
  candidates: Postings,
  count: number,
): Promise<{ positions: Position[]; partial: boolean }> {
  const positions: Position[] = [];
  try {
    while (positions.length < count) {
      const next = await candidates.peek();
      if (next === null) break;
      positions.push(next);
      candidates.skip();
    }
    return { positions, partial: false };
  } catch (error) {
    if (!(error instanceof BudgetError)) throw error;
    return { positions, partial: true };
  }
}

/** Keeps the runs that have a word with each of these prefixes. */
async function having(
  kv: Deno.Kv,
  account: string,
  positions: readonly Position[],
  beginnings: readonly string[],
): Promise<readonly Position[]> {
  if (beginnings.length === 0) return positions;
  const has = await Promise.all(
    positions.map(({ run_id }) => hasTerms(kv, account, run_id, beginnings)),
  );
  return positions.filter((_, index) => has[index]);
}

async function readExcerpts(
  kv: Deno.Kv,
  account: string,
  runs: readonly RunSummary[],
  terms: readonly string[],
): Promise<Record<string, Excerpt>> {
  const texts = await readMany<SearchText>(kv, runs.map(({ run_id }) => textKey(account, run_id)));
  return Object.fromEntries(runs.flatMap(({ run_id }, index) => {
    const text = texts[index] ?? null;
    const excerpt = text === null ? null : excerptOf(text, terms);
    return excerpt === null ? [] : [[run_id, excerpt]];
  }));
}

async function readMany<T>(kv: Deno.Kv, keys: readonly Deno.KvKey[]): Promise<(T | null)[]> {
  const batches = Array.from(
    { length: Math.ceil(keys.length / GET_MANY) },
    (_, batch) => kv.getMany<T[]>(keys.slice(batch * GET_MANY, (batch + 1) * GET_MANY)),
  );
  return (await Promise.all(batches)).flat().map(({ value }) => value);
}
