/** A text with the words marked that another one does not have. */
import { diffWordsWithSpace } from "diff";

export interface DifferenceProps {
  readonly text: string;
  /** What it is compared with; `null`: nothing. */
  readonly base: string | null;
}

/** Past this a comparison by words takes too long to wait for (characters, both together). */
const MAX_LENGTH = 20_000;
/** As long as a text differs this much, marks would not help either (words). */
const MAX_EDITS = 2_000;
/** Longest text that is shown whole (characters). */
const SHOWN = 6_000;

export function Difference({ text, base }: DifferenceProps) {
  const shown = text.slice(0, SHOWN);
  const rest = text.length - shown.length;
  const changes = base === null || base === text || base.length + text.length > MAX_LENGTH
    ? undefined
    : diffWordsWithSpace(base, text, { maxEditLength: MAX_EDITS });
  return (
    <p class="whitespace-pre-wrap" dir="auto">
      {changes === undefined ? shown : changes.map(({ added, removed, value }, index) => (
        // What only the other one says stands there.
        removed ? null : added ? <mark key={index}>{value}</mark> : <span key={index}>{value}</span>
      ))}
      {changes === undefined && rest > 0 && (
        <span class="text-muted">… {rest} more characters on the task’s page</span>
      )}
    </p>
  );
}
