/**
 * A run's search terms, listed so that they can be deleted. Lists have generations: a new list is
 * written before any of its terms, and an old one is deleted after its terms. So all lists together
 * always contain every term of the run.
 */
import { termsKey } from "../history/mod.ts";

/** Terms per entry: at up to 24 UTF-16 units each, less than 30 KB. */
const CHUNK = 500;

/** The term of runs whose requests ask for the same fields. No word of a text starts like it. */
export function schemaTerm(schema: string): string {
  return `#schema ${schema}`;
}

/** A run's term lists. */
export interface ListedTerms {
  readonly terms: ReadonlySet<string>;
  /** The entries' keys, for deleting them. */
  readonly keys: readonly Deno.KvKey[];
  /** The next generation number. */
  readonly next: number;
}

/** Reads all of a run's term lists. */
export async function readTerms(
  kv: Deno.Kv,
  account: string,
  runId: string,
): Promise<ListedTerms> {
  const terms = new Set<string>(), keys: Deno.KvKey[] = [];
  let next = 1;
  for await (const { key, value } of kv.list<string[]>(selectorOf(account, runId))) {
    for (const term of value) terms.add(term);
    keys.push(key);
    const [, , , generation] = key;
    if (typeof generation === "number") next = Math.max(next, generation + 1);
  }
  return { terms, keys, next };
}

/** The writes for a list of sorted terms. */
export function termsMutations(
  account: string,
  runId: string,
  generation: number,
  terms: readonly string[],
): Deno.KvMutation[] {
  return Array.from({ length: Math.ceil(terms.length / CHUNK) }, (_, chunk) => ({
    type: "set",
    key: [...termsKey(account, runId), generation, chunk],
    value: terms.slice(chunk * CHUNK, (chunk + 1) * CHUNK),
  }));
}

/** Returns whether a run has, for each prefix, a term that starts with it. */
export async function hasTerms(
  kv: Deno.Kv,
  account: string,
  runId: string,
  beginnings: readonly string[],
): Promise<boolean> {
  const missing = new Set(beginnings);
  for await (const { key, value } of kv.list<string[]>(selectorOf(account, runId))) {
    // Layout 2 had one list, in text order.
    const sorted = key.length > 3 ? value : value.toSorted((a, b) => a < b ? -1 : 1);
    for (const beginning of missing) {
      if (sorted[firstFrom(sorted, beginning)]?.startsWith(beginning)) missing.delete(beginning);
    }
    if (missing.size === 0) return true;
  }
  return false;
}

/** Returns the index of the first term that is not before `text`. */
function firstFrom(sorted: readonly string[], text: string): number {
  let low = 0, high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sorted[middle]! < text) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The run's own key, where layout 2 had its list, and the keys below it. */
function selectorOf(account: string, runId: string): Deno.KvListSelector {
  return { start: termsKey(account, runId), end: termsKey(account, `${runId}\0`) };
}
