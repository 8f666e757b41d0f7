/** Finds the words in an account's histories that start with the terms of a query. */
import { termPrefix } from "../history/mod.ts";
import { type Budget, CALL_COST } from "./postings.ts";
import type { QueryTerm } from "./tokens.ts";

/**
 * A prefix with more distinct words than this is checked in each candidate's own terms at first: most such
 * prefixes are in enough runs to fill a page soon.
 */
export const FEW_WORDS = 64;
/** The most words of a prefix that gets lists after all: see {@linkcode moreWords}. */
const MANY_WORDS = 128;
const MAX_WORDS = 512;
/** How many key reads it costs to find and open the lists of {@linkcode MANY_WORDS} words. */
export const MANY_KEYS = 4_000;
/** The same for {@linkcode MAX_WORDS}. */
const MAX_KEYS = 15_000;

/** The words in an account's histories that match a term. */
export class Words {
  readonly text: string;
  readonly words: string[] = [];
  readonly #kv: Deno.Kv;
  readonly #account: string;
  readonly #budget: Budget;
  #complete: boolean;

  constructor(kv: Deno.Kv, account: string, { text, whole }: QueryTerm, budget: Budget) {
    this.#kv = kv;
    this.#account = account;
    this.#budget = budget;
    this.text = text;
    this.#complete = whole;
    if (whole) this.words.push(text);
  }

  /** Returns whether these are all words, and not more than the limit. */
  fit(most: number): boolean {
    return this.#complete && this.words.length <= most;
  }

  /** Reads until all are known, the limit is exceeded, or the search has read as much as it may. */
  async read(most: number): Promise<void> {
    const end = termPrefix(this.#account, `${this.text}\u{10ffff}`);
    while (!this.#complete && this.words.length <= most && this.#budget.keys > 0) {
      this.#budget.keys -= CALL_COST;
      const last = this.words.at(-1);
      // Skip its runs: the next key after a word is the word and a zero.
      const start = termPrefix(this.#account, last === undefined ? this.text : `${last}\0`);
      const [entry] = await Array.fromAsync(this.#kv.list({ start, end }, { limit: 1 }));
      const word = entry?.key[2];
      if (typeof word === "string") this.words.push(word);
      else this.#complete = true;
    }
  }
}

/**
 * Reads more words of terms if that costs less than checking candidates, which takes `keys` key reads. Returns the
 * most words that a term may have to get lists.
 */
export async function moreWords(vocabulary: readonly Words[], keys: number): Promise<number> {
  await Promise.all(vocabulary.map((words) => words.read(MANY_WORDS)));
  const hasMany = vocabulary.some((words) => words.fit(MANY_WORDS) && !words.fit(FEW_WORDS));
  if (hasMany || keys < MAX_KEYS) return MANY_WORDS;
  await Promise.all(vocabulary.map((words) => words.read(MAX_WORDS)));
  const sizes = vocabulary.filter((words) => words.fit(MAX_WORDS) && !words.fit(FEW_WORDS))
    .map(({ words }) => words.length);
  // One list more makes the candidates few: the other prefixes are checked in these.
  return Math.max(MANY_WORDS, Math.min(...sizes, MAX_WORDS));
}
