/** Finds runs by words in their input, metadata and result, newest first. */
import {
  eachCombination,
  type Excerpt,
  FACETS,
  matchesFacets,
  type RunSummary,
  type SearchPage,
} from "../model/mod.ts";
import {
  facetPrefix,
  type HistoryFilter,
  NO_FILTER,
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
  compare,
  Intersection,
  PostingList,
  type Postings,
  Union,
  type Walk,
} from "./postings.ts";
import { hasTerms, schemaTerm } from "./terms.ts";
import { plainMatcher, type SearchText } from "./text.ts";
import { FEW_WORDS, MANY_KEYS, moreWords, Words } from "./words.ts";
import { queryTerms } from "./tokens.ts";

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
/** After so many candidates, decide whether checks and filters keep enough of them. */
const PROBES = 120;
/** A filter that fewer than one in so many runs match uses its index. Others are applied to lines. */
const RARE = 16;
/** The number of longest terms that yield candidates. The other terms are checked in these. */
const LEADING = 8;
/** The first read of a term's lists: so many keys together, but 4 to 32 each. Later reads double. */
const FIRST_KEYS = 512;
const MIN_BATCH = 4;
const MAX_FIRST_BATCH = 32;
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
  const vocabulary = leading.map((term) => new Words(kv, account, term));
  await Promise.all(vocabulary.map((words) => words.read(FEW_WORDS)));
  const isFiltered = FACETS.some(({ name }) => filter[name] !== null);
  const plan = (walk: Walk, { most, indexed }: { most: number; indexed: boolean }): Plan => {
    const listed = vocabulary.filter((words) => words.fit(most));
    const options = { words: listed, filter, indexed, schema, walk, budget };
    const lists = listsOf(kv, account, options);
    const checked = vocabulary.filter((words) => !listed.includes(words)).map(({ text }) => text);
    return { candidates: new Intersection(lists, walk), checked };
  };
  const rare = byLength.slice(LEADING).map(({ text }) => text);
  let most = FEW_WORDS, indexed = false;
  let { candidates, checked } = plan(walk, { most, indexed });
  const found: RunSummary[] = [];
  let taken: Position | null = at;
  let partial = false, probes = 0, unfiltered = 0, checkedKeys = 0;
  for (let more = true; more && found.length <= limit;) {
    const lacksLists = most === FEW_WORDS && checked.length > 0 && probes >= PROBES &&
      limit * checkedKeys > MANY_KEYS * Math.max(unfiltered, 0.5);
    const lacksIndex: boolean = isFiltered && !indexed && unfiltered > PROBES &&
      found.length * RARE < unfiltered;
    if (lacksLists) {
      most = await moreWords(vocabulary, limit * checkedKeys / Math.max(unfiltered, 0.5));
    }
    indexed ||= lacksIndex;
    if (lacksLists || lacksIndex) {
      ({ candidates, checked } = plan({ ...walk, after: taken }, { most, indexed }));
    }
    const chunk = await takeChunk(candidates, CHUNK);
    partial = chunk.partial;
    taken = chunk.positions.at(-1) ?? taken;
    more = chunk.positions.length === CHUNK && !partial;
    probes += chunk.positions.length;
    const others = [...checked, ...candidates.unread, ...rare];
    const { positions, keys } = await having(kv, account, chunk.positions, others);
    budget.keys -= keys;
    checkedKeys += keys;
    // A run that was just removed may still have terms.
    const runs = (await readSummaries(kv, account, positions)).filter((run) => run !== null);
    unfiltered += runs.length;
    found.push(...runs.filter((run) => matchesFacets(run, filter)));
  }
  const shown = found.slice(0, limit);
  const more = found.length > limit || partial;
  const page = pageOf(shown, { at, more });
  const excerpts = await readExcerpts(kv, account, page.runs, terms.map(({ text }) => text));
  const shared = { excerpts, wordless: false };
  if (!partial || found.length > limit) return { ...page, ...shared, partial: false };
  const { reached } = candidates;
  const isBehind = reached !== null && (taken === null || compare(reached, taken, walk) > 0);
  const end = isBehind ? beside(reached, walk) : taken;
  if (end === null) return { ...page, ...shared, partial: true };
  const rest = writeCursor(walk.older ? "older" : "newer", end);
  return { ...page, [walk.older ? "next" : "prev"]: rest, ...shared, partial: true };
}

/** Reading a run's text, or its own terms, costs about as much as this many keys. */
const TEXT_COST = 5, TERMS_COST = 10;

/** How a search finds runs: candidates, and the prefixes to check in each. */
interface Plan {
  readonly candidates: Intersection;
  readonly checked: readonly string[];
}

/** The lists that a run must be in. Without any, these are all runs that match the filter. */
function listsOf(
  kv: Deno.Kv,
  account: string,
  { words, filter, indexed, schema, walk, budget }: {
    readonly words: readonly Words[];
    readonly filter: HistoryFilter;
    /** Whether to use the filter's index besides other lists. */
    readonly indexed: boolean;
    readonly schema: string | null;
    readonly walk: Walk;
    readonly budget: Budget;
  },
): Union[] {
  const union = (prefixes: readonly Deno.KvKey[], term: string | null = null) => {
    const firstBatch = Math.max(MIN_BATCH, Math.min(MAX_FIRST_BATCH, FIRST_KEYS / prefixes.length));
    return new Union(
      prefixes.map((prefix) => new PostingList(kv, prefix, walk, budget, Math.ceil(firstBatch))),
      walk,
      term,
    );
  };
  const lists = words.map(({ words, text }) =>
    union(words.map((word) => termPrefix(account, word)), text)
  );
  if (indexed || lists.length === 0 && schema === null) {
    lists.push(union(
      eachCombination(filter).flatMap((facets) => [
        facetPrefix(account, facets),
        // Rows of batches are listed by their status alone.
        facetPrefix(account, { ...NO_FILTER, status: facets.status }, "row_index"),
      ]),
    ));
  }
  if (schema !== null) lists.push(union([termPrefix(account, schemaTerm(schema))]));
  return lists;
}

/** The position just before a run in the walk, so a page that starts after it begins with the run. */
function beside({ created_ms, run_id }: Position, { older }: Walk): Position {
  return older ? { created_ms, run_id: `${run_id}_` } : { created_ms: created_ms - 1, run_id: "z" };
}

/** Returns the next candidates. `partial`: the search had to stop before it had `count` of them. */
async function takeChunk(
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

/**
 * Keeps the runs that have a word with each of these prefixes. Returns how many key reads that cost. Ten texts
 * are read in one call, lists of terms are not: they are read where the text does not tell.
 */
async function having(
  kv: Deno.Kv,
  account: string,
  positions: readonly Position[],
  beginnings: readonly string[],
): Promise<{ readonly positions: readonly Position[]; readonly keys: number }> {
  if (beginnings.length === 0) return { positions, keys: 0 };
  const matches = plainMatcher(beginnings);
  const texts = matches === null
    ? []
    : await readMany<SearchText>(kv, positions.map(({ run_id }) => textKey(account, run_id)));
  let keys = texts.length * TEXT_COST;
  const has = await Promise.all(positions.map(({ run_id }, index) => {
    const text = texts[index] ?? null;
    const found = text === null ? null : matches?.(text) ?? null;
    if (found !== null) return found;
    keys += TERMS_COST;
    return hasTerms(kv, account, run_id, beginnings);
  }));
  return { positions: positions.filter((_, index) => has[index]), keys };
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
