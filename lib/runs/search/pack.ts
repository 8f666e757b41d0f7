/**
 * A pack: the terms of some thousand runs, which follow each other in a history, in a few large values. A key
 * of KV costs as much to read as a value of hundreds of bytes, and a run in a pack takes two bytes per term.
 * Pure.
 */
import type { Position } from "../history/mod.ts";
import type { QueryTerm } from "./tokens.ts";

/** The most runs of a pack, and the most terms of all of them: a builder holds them in memory. */
export const PACK_RUNS = 4_096;
const PACK_TERMS = 200_000;
/** The largest part (bytes). A search for a prefix reads one or two parts. */
const PART_BYTES = 16_000;
/** How many runs one table holds, in 3 KB. */
export const TABLE_RUNS = 64;

/** Words in order, each with the numbers of the runs that have it. */
export interface PackPart {
  /** The words, one after the other. */
  readonly words: string;
  /** The end of each word in `words`. */
  readonly wordEnds: Uint16Array;
  /** The end of each word's numbers in `runs`. */
  readonly runEnds: Uint16Array;
  readonly runs: Uint16Array;
}

/** Says which parts to read. */
export interface PackHead {
  readonly runs: number;
  /** The first word of each part. */
  readonly firsts: readonly string[];
}

/** The places of some runs of a pack in the history, by their numbers. */
export interface PackTable {
  readonly created: Float64Array;
  /** Their ids, separated by spaces. */
  readonly ids: string;
}

/** Builds a pack. Add runs oldest first. */
export class PackBuilder {
  readonly #most: number;
  readonly #positions: Position[] = [];
  readonly #runs = new Map<string, number[]>();
  #terms = 0;

  /** `most`: the runs of a pack. */
  constructor(most = PACK_RUNS) {
    this.#most = most;
  }

  /** Adds a run. Returns `false`, and does not add it, if the pack is full. */
  add(position: Position, terms: ReadonlySet<string>): boolean {
    const run = this.#positions.length;
    if (run === this.#most || (run > 0 && this.#terms + terms.size > PACK_TERMS)) return false;
    this.#positions.push(position);
    this.#terms += terms.size;
    for (const term of terms) {
      const runs = this.#runs.get(term);
      if (runs === undefined) this.#runs.set(term, [run]);
      else runs.push(run);
    }
    return true;
  }

  /** Removes the runs created at or after a time (Unix ms). Runs of one millisecond must not be split. */
  cut(fromMs: number): void {
    const first = this.#positions.findIndex(({ created_ms }) => created_ms >= fromMs);
    if (first === -1) return;
    this.#positions.length = first;
    for (const [word, runs] of this.#runs) {
      while (runs.length > 0 && runs.at(-1)! >= first) runs.pop();
      if (runs.length === 0) this.#runs.delete(word);
    }
  }

  /** The number of runs. */
  get size(): number {
    return this.#positions.length;
  }

  /** Yields the tables, in order. */
  *tables(): Generator<PackTable> {
    for (let from = 0; from < this.size; from += TABLE_RUNS) {
      const some = this.#positions.slice(from, from + TABLE_RUNS);
      yield {
        created: Float64Array.from(some, ({ created_ms }) => created_ms),
        ids: some.map(({ run_id }) => run_id).join(" "),
      };
    }
  }

  /** Yields the parts, in order. */
  *parts(): Generator<PackPart> {
    let words: string[] = [], bytes = 0;
    for (const word of [...this.#runs.keys()].sort()) {
      const own = 2 * word.length + 4 + 2 * this.#runs.get(word)!.length;
      if (bytes + own > PART_BYTES) {
        yield this.#part(words);
        [words, bytes] = [[], 0];
      }
      words.push(word);
      bytes += own;
    }
    if (words.length > 0) yield this.#part(words);
  }

  #part(words: readonly string[]): PackPart {
    let wordEnd = 0, runEnd = 0;
    return {
      words: words.join(""),
      wordEnds: Uint16Array.from(words, (word) => wordEnd += word.length),
      runEnds: Uint16Array.from(words, (word) => runEnd += this.#runs.get(word)!.length),
      runs: Uint16Array.from(words.flatMap((word) => this.#runs.get(word)!)),
    };
  }
}

/** Returns the first word of a part. */
export function firstOf({ words, wordEnds }: PackPart): string {
  return words.slice(0, wordEnds[0]);
}

/** Returns the numbers of the parts that may have words for a term. */
export function partsFor({ firsts }: PackHead, { text }: QueryTerm): number[] {
  return firsts.flatMap((first, part) => {
    const next = firsts[part + 1];
    const endsBefore = next !== undefined && next <= text;
    const startsAfter = first > text && !first.startsWith(text);
    return endsBefore || startsAfter ? [] : [part];
  });
}

/** Marks the runs that have a word for a term. */
export function markRuns(
  { words, wordEnds, runEnds, runs }: PackPart,
  { text, whole }: QueryTerm,
  marks: Uint8Array,
): void {
  const word = (at: number) => words.slice(at === 0 ? 0 : wordEnds[at - 1], wordEnds[at]);
  let low = 0, high = wordEnds.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (word(middle) < text) low = middle + 1;
    else high = middle;
  }
  const first = low;
  const fits = (at: number) => whole ? word(at) === text : word(at).startsWith(text);
  while (low < wordEnds.length && fits(low)) low++;
  const from = first === 0 ? 0 : runEnds[first - 1]!, to = low === 0 ? 0 : runEnds[low - 1]!;
  for (let at = from; at < to; at++) marks[runs[at]!] = 1;
}
