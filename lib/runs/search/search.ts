/** Finds runs by words in their input, metadata and result, newest first. */
import {
  type Excerpt,
  FACETS,
  matchesFacets,
  type RunSummary,
  type SearchPage,
} from "../model/mod.ts";
import {
  type HistoryFilter,
  pageOf,
  type Position,
  readCursor,
  readMany,
  readSummaries,
  textKey,
  writeCursor,
} from "../history/mod.ts";
import { excerptOf } from "./excerpt.ts";
import { PackGoneError } from "./packed.ts";
import { readPacks } from "./packs.ts";
import { planOf, restOf, type Stretch, stretchesOf, type Wanted } from "./plan.ts";
import { BudgetError, type Postings, type Walk } from "./postings.ts";
import { hasTerms } from "./terms.ts";
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
  /** After this many keys, a search for a rare word continues in packs. Without packs, `onLong` is called. */
  readonly longKeys?: number;
  /** Called when a search walks far through history without packs. */
  readonly onLong?: () => void;
}

const MAX_KEYS = 60_000;
/** See `longKeys`: all packs of a long history cost more. */
const LONG_KEYS = 1_500;
/** A prefix with at most this many words is rare. With packs, others get no lists at first: most stretches are short. */
const FEW_LISTS = 8;
/** After this many packs were removed while a search read them, it reads keys. */
const MAX_GONE = 3;
/** After this many candidates, decide whether checks and filters keep enough of them. */
const PROBES = 120;
/** A filter that fewer than one run in this many matches uses its index. Others are applied to lines. */
const RARE = 16;
/** The number of longest terms that yield candidates. The other terms are checked in these. */
const LEADING = 8;
/** The number of candidates checked together: about a page. */
const CHUNK = 30;

/** Returns one page of search results: empty if the query contains no word. */
export async function searchHistory(
  kv: Deno.Kv,
  account: string,
  { query, cursor, limit, filter, schema = null, maxKeys = MAX_KEYS, ...options }: SearchOptions,
): Promise<SearchPage> {
  const longKeys = Math.min(options.longKeys ?? LONG_KEYS, maxKeys);
  const terms = queryTerms(query);
  if (terms.length === 0 && schema === null) {
    return { runs: [], next: null, prev: null, excerpts: {}, partial: false, wordless: true };
  }
  const byLength = terms.toSorted((a, b) => b.text.length - a.text.length);
  const at = readCursor(cursor);
  const walk: Walk = {
    older: at?.direction !== "newer",
    from_ms: filter.from_ms ?? Number.MIN_SAFE_INTEGER,
    to_ms: filter.to_ms ?? Number.MAX_SAFE_INTEGER,
    after: at,
  };
  const budget = { keys: maxKeys };
  const vocabulary = byLength.slice(0, LEADING).map((term) => new Words(kv, account, term, budget));
  const readWords = (most: number) => Promise.all(vocabulary.map((words) => words.read(most)));
  const [listed] = await Promise.all([readPacks(kv, account), readWords(FEW_LISTS)]);
  let stretches = stretchesOf(listed.packs, walk);
  const hasPacks = stretches.some(({ packs }) => packs !== null);
  const isPacked = stretches.every(({ packs }) => packs !== null);
  let most = FEW_LISTS, indexed = false, gone = 0;
  if (!hasPacks) await readWords(most = FEW_WORDS);
  // A rare word's runs are few keys: packs are read only if there are more.
  const hasRare = schema !== null || vocabulary.some((words) => words.fit(FEW_LISTS));
  let heldKeys = hasPacks && hasRare ? Math.max(0, budget.keys - longKeys) : 0;
  budget.keys -= heldKeys;
  if (heldKeys > 0 || stretches.length === 0) stretches = [{ walk, packs: null }];
  const rare = byLength.slice(LEADING).map(({ text }) => text);
  const wanted: Wanted = { terms, vocabulary, rare, filter, schema, budget };
  const isFiltered = FACETS.some(({ name }) => filter[name] !== null);
  const plan = (from: Position | null) => {
    const [{ walk, packs }] = stretches as [Stretch];
    return planOf(kv, account, { walk: { ...walk, after: from }, packs }, wanted, {
      most,
      indexed,
    });
  };
  let { candidates, checked, isLacking } = plan(at);
  const found: RunSummary[] = [];
  let taken: Position | null = at;
  let partial = false, probes = 0, unfiltered = 0, checkedKeys = 0;
  for (let more = stretches.length > 0; more && found.length <= limit;) {
    const lacksLists = most <= FEW_WORDS && isLacking && probes >= PROBES &&
      limit * checkedKeys > MANY_KEYS * Math.max(unfiltered, 0.5);
    const lacksIndex: boolean = isFiltered && !indexed && unfiltered > PROBES &&
      found.length * RARE < unfiltered;
    if (lacksLists) {
      most = await moreWords(vocabulary, limit * checkedKeys / Math.max(unfiltered, 0.5));
    }
    indexed ||= lacksIndex;
    if (lacksLists || lacksIndex) ({ candidates, checked, isLacking } = plan(taken));
    const chunk = await takeChunk(candidates, CHUNK);
    taken = chunk.positions.at(-1) ?? taken;
    probes += chunk.positions.length;
    const { positions, keys } = await having(
      kv,
      account,
      chunk.positions,
      [...checked, ...candidates.unread],
    );
    budget.keys -= keys;
    checkedKeys += keys;
    // A run that was just removed may still have terms.
    const runs = (await readSummaries(kv, account, positions)).filter((run) => run !== null);
    unfiltered += runs.length;
    found.push(...runs.filter((run) => matchesFacets(run, filter)));
    if (chunk.end === "gone" || chunk.end === "partial" && heldKeys > 0) {
      if (chunk.end === "gone") gone++;
      [budget.keys, heldKeys] = [budget.keys + heldKeys, 0];
      taken = restOf(taken, candidates.reached, walk);
      const { packs } = gone < MAX_GONE ? await readPacks(kv, account) : { packs: [] };
      stretches = stretchesOf(packs, { ...walk, after: taken });
      more = stretches.length > 0;
      if (more) ({ candidates, checked, isLacking } = plan(taken));
    } else if (chunk.end === "end") {
      stretches = stretches.slice(1);
      more = stretches.length > 0;
      if (more) ({ candidates, checked, isLacking } = plan(taken));
    } else more = chunk.end === "full";
    partial = chunk.end === "partial" && !more;
  }
  if (!isPacked && maxKeys - heldKeys - budget.keys > longKeys) options.onLong?.();
  const shown = found.slice(0, limit);
  const page = pageOf(shown, { at, more: found.length > limit || partial });
  const excerpts = await readExcerpts(kv, account, page.runs, terms.map(({ text }) => text));
  const shared = { excerpts, wordless: false };
  if (!partial || found.length > limit) return { ...page, ...shared, partial: false };
  const end = restOf(taken, candidates.reached, walk);
  if (end === null) return { ...page, ...shared, partial: true };
  const rest = writeCursor(walk.older ? "older" : "newer", end);
  return { ...page, [walk.older ? "next" : "prev"]: rest, ...shared, partial: true };
}

/** Reading a run's text, or its own terms, costs about as much as this many keys. */
const TEXT_COST = 5, TERMS_COST = 10;

/** Returns the next candidates, and why there are no more of them. */
async function takeChunk(
  candidates: Postings,
  count: number,
): Promise<{
  readonly positions: readonly Position[];
  /** `full`: there are `count`. `partial`: the search must stop. `gone`: a pack was removed. */
  readonly end: "full" | "end" | "partial" | "gone";
}> {
  const positions: Position[] = [];
  try {
    while (positions.length < count) {
      const next = await candidates.peek();
      if (next === null) return { positions, end: "end" };
      positions.push(next);
      candidates.skip();
    }
    return { positions, end: "full" };
  } catch (error) {
    if (error instanceof BudgetError) return { positions, end: "partial" };
    if (error instanceof PackGoneError) return { positions, end: "gone" };
    throw error;
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
