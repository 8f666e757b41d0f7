/** The words of a text that another one does not have. Pure. */
import { diffWordsWithSpace } from "diff";

/** A stretch of a text. */
export interface Stretch {
  readonly text: string;
  /** The other one does not have it there. */
  readonly isNew: boolean;
}

/** How much a page may still compare by words (characters): while it does, nobody else is served. */
export interface Patience {
  characters: number;
}

/** What one page compares: a few milliseconds as a rule, a second where every pair is as different as it may be. */
export const PATIENCE = 60_000;

/** Longest pair that is compared by words (characters, both together). */
const MAX_LENGTH = 20_000;
/** Edits after which the comparison gives up: its work grows with their square, and so many marks help nobody. */
const MAX_EDITS = 500;
/** A text of so few words is marked however little it shares. */
const FEW_WORDS = 6;
/** A longer one that shares less than this is another text: marking all of it would point at nothing. */
const LEAST_SHARED = 0.25;

const WORDS = /[\p{L}\p{N}]+/gu;

/**
 * The text in stretches, those marked that `base` does not have; `null` where marks would say no more
 * than that the two differ: where they have little in common, or are too long to be compared by words.
 */
export function differingWords(text: string, base: string, patience: Patience): Stretch[] | null {
  const length = base.length + text.length;
  if (length > MAX_LENGTH || length > patience.characters || isOther(text, base)) return null;
  patience.characters -= length;
  const changes = diffWordsWithSpace(base, text, { maxEditLength: MAX_EDITS });
  if (changes === undefined) return null;
  // What only the other one says stands there.
  const stretches = changes.filter(({ removed }) => !removed)
    .map(({ added, value }) => ({ text: value, isNew: added }));
  const kept = stretches.filter(({ isNew }) => !isNew);
  const words = (among: readonly Stretch[]) =>
    among.reduce((sum, each) => sum + (each.text.match(WORDS)?.length ?? 0), 0);
  return isLittle(words(kept), words(stretches)) ? null : stretches;
}

/** Whether even in any order the words of a text are others. */
function isOther(text: string, base: string): boolean {
  const left = new Map<string, number>();
  for (const [word] of base.matchAll(WORDS)) left.set(word, (left.get(word) ?? 0) + 1);
  let shared = 0, all = 0;
  for (const [word] of text.matchAll(WORDS)) {
    const count = left.get(word) ?? 0;
    if (count > 0) {
      left.set(word, count - 1);
      shared++;
    }
    all++;
  }
  return isLittle(shared, all);
}

function isLittle(shared: number, all: number): boolean {
  return all > FEW_WORDS && shared < all * LEAST_SHARED;
}
