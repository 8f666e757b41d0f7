/** A text in which the words missing from another text are marked. */
import { diffWordsWithSpace } from "diff";
import { beginning } from "../../../lib/base/mod.ts";
import { SHOWN_CHARS } from "../../../lib/results/mod.ts";

export interface DifferenceProps {
  readonly text: string;
  /** The text to compare with; `null` for none. */
  readonly base: string | null;
  /** Shared by the whole page. */
  readonly workLeft: WorkLeft;
}

export function Difference({ text, base, workLeft }: DifferenceProps) {
  const stretches = base === null || base === text ? null : differingWords(text, base, workLeft);
  const rest = text.length - SHOWN_CHARS;
  return (
    <p class="whitespace-pre-wrap" dir="auto">
      {stretches === null
        ? beginning(text, SHOWN_CHARS)
        : stretches.map(({ text, isNew }, index) => (
          isNew ? <mark key={index}>{text}</mark> : <span key={index}>{text}</span>
        ))}
      {stretches === null && rest > 0 && (
        <span class="text-soft">… {rest} more characters on the task’s page</span>
      )}
    </p>
  );
}

/** A segment of a text. */
export interface Stretch {
  readonly text: string;
  /** The other text lacks it at this position. */
  readonly isNew: boolean;
}

/** How much work a page may still do at once: it blocks all other requests. */
export interface WorkLeft {
  /** To compare word by word. */
  characters: number;
  /** To render as Markdown: characters that may start some. */
  marks: number;
}

/**
 * The limits for one page. Comparing this many characters usually takes a few milliseconds, and a second if
 * every pair is as different as possible.
 */
export const WORK_PER_PAGE: Readonly<WorkLeft> = { characters: 60_000, marks: 8_000 };

/** The longest pair that is compared word by word (characters, both together). */
const MAX_LENGTH = 20_000;
/** Edits after which the comparison stops: its work is quadratic in them, and so many marks help no one. */
const MAX_EDITS = 500;
/** A text with at most this many words is always marked. */
const FEW_WORDS = 6;
/** A longer text that shares less than this is a different text: marking all of it would be useless. */
const LEAST_SHARED = 0.25;

const WORDS = /[\p{L}\p{N}]+/gu;

/**
 * Splits the text into segments and marks those that `base` lacks. Returns `null` if marks would be useless
 * because the texts have little in common, or if they are too long to compare word by word.
 */
export function differingWords(
  text: string,
  base: string,
  workLeft: Pick<WorkLeft, "characters">,
): Stretch[] | null {
  const length = base.length + text.length;
  if (length > MAX_LENGTH || length > workLeft.characters || isOther(text, base)) return null;
  workLeft.characters -= length;
  const changes = diffWordsWithSpace(base, text, { maxEditLength: MAX_EDITS });
  if (changes === undefined) return null;
  // Text that only the other one has.
  const stretches = changes.filter(({ removed }) => !removed)
    .map(({ added, value }) => ({ text: value, isNew: added }));
  const kept = stretches.filter(({ isNew }) => !isNew);
  const words = (among: readonly Stretch[]) =>
    among.reduce((sum, each) => sum + (each.text.match(WORDS)?.length ?? 0), 0);
  return isLittle(words(kept), words(stretches)) ? null : stretches;
}

/** Returns whether the words of two texts differ even in any order. */
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
