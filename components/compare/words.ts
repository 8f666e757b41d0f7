/** The words of a text that another one does not have. Pure. */
import { diffWordsWithSpace } from "diff";

/** A stretch of a text. */
export interface Stretch {
  readonly text: string;
  /** The other one does not have it there. */
  readonly isNew: boolean;
}

/** Past this a comparison by words takes too long to wait for (characters, both together). */
const MAX_LENGTH = 20_000;
/** As long as a text differs this much, marks would not help either (words). */
const MAX_EDITS = 2_000;
/** A text of so few words is marked however little it shares. */
const FEW_WORDS = 6;
/** A longer one that shares less than this is another text: marking all of it would point at nothing. */
const LEAST_SHARED = 0.25;

/**
 * The text in stretches, those marked that `base` does not have; `null` where marks would say no more
 * than that the two differ: where they have little in common, or are too long to be compared by words.
 */
export function differingWords(text: string, base: string): Stretch[] | null {
  if (base.length + text.length > MAX_LENGTH) return null;
  const changes = diffWordsWithSpace(base, text, { maxEditLength: MAX_EDITS });
  if (changes === undefined) return null;
  // What only the other one says stands there.
  const stretches = changes.filter(({ removed }) => !removed)
    .map(({ added, value }) => ({ text: value, isNew: added }));
  const words = (among: readonly Stretch[]) =>
    among.reduce((sum, each) => sum + (each.text.match(/[\p{L}\p{N}]+/gu)?.length ?? 0), 0);
  const all = words(stretches);
  const shared = words(stretches.filter(({ isNew }) => !isNew));
  return all > FEW_WORDS && shared < all * LEAST_SHARED ? null : stretches;
}
