/** A text in which the words missing from another text are marked. */
import { SHOWN_CHARS } from "../../../lib/results/mod.ts";
import { differingWords, type Patience } from "./words.ts";

export interface DifferenceProps {
  readonly text: string;
  /** The text to compare with; `null` for none. */
  readonly base: string | null;
  /** Shared by the whole page. */
  readonly patience: Patience;
}

export function Difference({ text, base, patience }: DifferenceProps) {
  const stretches = base === null || base === text ? null : differingWords(text, base, patience);
  const rest = text.length - SHOWN_CHARS;
  return (
    <p class="whitespace-pre-wrap" dir="auto">
      {stretches === null ? text.slice(0, SHOWN_CHARS) : stretches.map(({ text, isNew }, index) => (
        isNew ? <mark key={index}>{text}</mark> : <span key={index}>{text}</span>
      ))}
      {stretches === null && rest > 0 && (
        <span class="text-soft">… {rest} more characters on the task’s page</span>
      )}
    </p>
  );
}
