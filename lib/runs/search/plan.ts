/** Plans how a search finds runs: which stretches of the history, and which lists in each. */
import { eachCombination } from "../model/mod.ts";
import {
  facetPrefix,
  type HistoryFilter,
  NO_FILTER,
  type Position,
  termPrefix,
} from "../history/mod.ts";
import { Intersection } from "./intersection.ts";
import { PackedPostings } from "./packed.ts";
import type { PackEntry, Packs } from "./packs.ts";
import {
  type Budget,
  compare,
  PostingList,
  type RankedPostings,
  Union,
  type Walk,
} from "./postings.ts";
import { schemaTerm } from "./terms.ts";
import type { QueryTerm } from "./tokens.ts";
import type { Words } from "./words.ts";

/** How many keys the first read of a term's lists takes in all; 4 to 32 per list. Later reads double. */
const FIRST_KEYS = 512;
const MIN_BATCH = 4;
const MAX_FIRST_BATCH = 32;

/** A part of a walk, and the packs that have all of its runs, in walk order; `null` if only keys have them. */
export interface Stretch {
  readonly walk: Walk;
  readonly packs: readonly PackEntry[] | null;
}

/** Candidates, and the prefixes to check in each. */
export interface Plan {
  readonly candidates: Intersection;
  readonly checked: readonly string[];
  /** Whether prefixes of many words may get lists, too. */
  readonly isLacking: boolean;
}

/** The terms of a search, and how it may read. */
export interface Wanted {
  /** All terms. */
  readonly terms: readonly QueryTerm[];
  /** The words of the terms that yield candidates, and the prefixes of the other terms. */
  readonly vocabulary: readonly Words[];
  readonly rare: readonly string[];
  readonly filter: HistoryFilter;
  readonly schema: string | null;
  readonly budget: Budget;
}

/** Divides a walk into stretches that packs cover and stretches that they do not. */
export function stretchesOf(packs: Packs, walk: Walk): Stretch[] {
  const { older, after } = walk;
  // There may be more runs at the very time of the position that the walk starts after.
  const fromMs = after === null || older ? walk.from_ms : Math.max(walk.from_ms, after.created_ms);
  const toMs = after === null || !older ? walk.to_ms : Math.min(walk.to_ms, after.created_ms + 1);
  const stretches: Stretch[] = [];
  let doneMs = fromMs;
  const add = (untilMs: number, pack: PackEntry | null) => {
    const [from_ms, to_ms] = [doneMs, Math.min(untilMs, toMs)];
    if (from_ms >= to_ms) return;
    doneMs = to_ms;
    const last = stretches.at(-1);
    if (pack === null || !last?.packs) {
      stretches.push({ walk: { ...walk, from_ms, to_ms }, packs: pack && [pack] });
    } else {
      const joined = { ...last.walk, to_ms };
      stretches[stretches.length - 1] = { walk: joined, packs: [...last.packs, pack] };
    }
  };
  for (const pack of packs.filter(({ state }) => state === "ready")) {
    add(pack.from_ms, null);
    if (pack.from_ms <= doneMs) add(pack.to_ms, pack);
  }
  add(toMs, null);
  if (!older) return stretches;
  return stretches.toReversed().map(({ walk, packs }) => ({
    walk,
    packs: packs?.toReversed() ?? null,
  }));
}

/**
 * Plans a stretch. Prefixes of more words than `most` get no lists, and the filter's index is used only if
 * `indexed`.
 */
export function planOf(
  kv: Deno.Kv,
  account: string,
  { walk, packs }: Stretch,
  wanted: Wanted,
  { most, indexed }: { readonly most: number; readonly indexed: boolean },
): Plan {
  const { terms, vocabulary, rare, schema, budget } = wanted;
  if (packs !== null) {
    const exact = schema === null ? [] : [{ text: schemaTerm(schema), whole: true }];
    const packed = new PackedPostings(kv, account, {
      packs,
      terms: [...terms, ...exact],
      walk,
      budget,
    });
    const lists = indexed ? [packed, filtered(kv, account, wanted, walk)] : [packed];
    return { candidates: new Intersection(lists, walk), checked: [], isLacking: false };
  }
  const listed = vocabulary.filter((words) => words.fit(most));
  const lists: RankedPostings[] = listed.map(({ words, text }) =>
    union(kv, words.map((word) => termPrefix(account, word)), walk, budget, text)
  );
  // Without any list, the candidates are all runs that match the filter.
  if (indexed || lists.length === 0 && schema === null) {
    lists.push(filtered(kv, account, wanted, walk));
  }
  if (schema !== null) {
    lists.push(union(kv, [termPrefix(account, schemaTerm(schema))], walk, budget));
  }
  const checked = vocabulary.filter((words) => !listed.includes(words)).map(({ text }) => text);
  return {
    candidates: new Intersection(lists, walk),
    checked: [...checked, ...rare],
    isLacking: checked.length > 0,
  };
}

/** The runs that match a filter. */
function filtered(
  kv: Deno.Kv,
  account: string,
  { filter, budget }: Wanted,
  walk: Walk,
): RankedPostings {
  const prefixes = eachCombination(filter).flatMap((facets) => [
    facetPrefix(account, facets),
    // Rows of batches are listed by their status alone.
    facetPrefix(account, { ...NO_FILTER, status: facets.status }, "row_index"),
  ]);
  return union(kv, prefixes, walk, budget);
}

function union(
  kv: Deno.Kv,
  prefixes: readonly Deno.KvKey[],
  walk: Walk,
  budget: Budget,
  term: string | null = null,
): Union {
  const firstBatch = Math.max(MIN_BATCH, Math.min(MAX_FIRST_BATCH, FIRST_KEYS / prefixes.length));
  return new Union(
    prefixes.map((prefix) => new PostingList(kv, prefix, walk, budget, Math.ceil(firstBatch))),
    walk,
    term,
  );
}

/** Returns the position after which a walk continues: after the last run taken, or from the last examined. */
export function restOf(
  taken: Position | null,
  reached: Position | null,
  walk: Walk,
): Position | null {
  const isBehind = reached !== null && (taken === null || compare(reached, taken, walk) > 0);
  return isBehind ? beside(reached, walk) : taken;
}

/** Returns the position just before a run in the walk: a page that starts after it begins with the run. */
function beside({ created_ms, run_id }: Position, { older }: Walk): Position {
  return older ? { created_ms, run_id: `${run_id}_` } : { created_ms: created_ms - 1, run_id: "z" };
}
