/** The API's confidence: a mark for one field, a bar for a whole result. */
import { count, UNKNOWN } from "../../lib/base/mod.ts";
import { cx } from "./cx.ts";

const LEVELS = new Map([
  ["low", cx("level level-1")],
  ["medium", cx("level level-2")],
  ["high", cx("level level-3")],
]);

/** Three bars and the API's word; "–" if it gave none. */
export function ConfidenceMark({ level }: { readonly level: string | null | undefined }) {
  return (
    <span class="confidence" title="Confidence, as the API reports it">
      <i class={LEVELS.get(level ?? "") ?? "level"}></i>
      {level || UNKNOWN}
      <span class="sr-only">confidence</span>
    </span>
  );
}

/** The mark without its word, for tables and lists. Nothing if the API gave no confidence. */
export function ConfidenceDot({ level }: { readonly level: string | null | undefined }) {
  if (!level) return null;
  const label = `${level} confidence`;
  return <i class={LEVELS.get(level) ?? "level"} role="img" aria-label={label} title={label}></i>;
}

/** A field of a result, for the bar. */
export interface ConfidenceSegment {
  readonly name: string;
  readonly level: string | null;
  /** Where the field is on the page; none in lists. */
  readonly href?: string;
}

/** With more fields the bar is a smear; the counts beside it say the same. */
const MOST_SEGMENTS = 40;

/** A segment for each field, in their order. */
export function ConfidenceBar(
  { fields, small }: { readonly fields: readonly ConfidenceSegment[]; readonly small?: boolean },
) {
  if (fields.length === 0 || fields.length > MOST_SEGMENTS) return null;
  return (
    <span
      class={small ? "profile small" : "profile"}
      role="img"
      aria-label={`Confidence of ${count(fields.length)} fields: ${confidenceCounts(fields)}`}
    >
      {fields.map(({ name, level, href }) => {
        const title = `${name}: ${level ?? UNKNOWN}`;
        const look = SEGMENTS.get(level ?? "") ?? cx("unknown");
        // The row of each field is the way for keyboards and screen readers.
        return href === undefined
          ? <i key={name} class={look} title={title}></i>
          : (
            <a key={name} class={look} title={title} href={href} tabIndex={-1} aria-hidden="true">
            </a>
          );
      })}
    </span>
  );
}

const SEGMENTS = new Map([["high", ""], ["medium", cx("medium")], ["low", cx("low")]]);
const ORDER = ["high", "medium", "low"];

/** `9 high · 3 medium · 1 low`; levels that the API may add come last. */
export function confidenceCounts(fields: readonly Pick<ConfidenceSegment, "level">[]): string {
  const counts = new Map(ORDER.map((level) => [level, 0]));
  for (const { level } of fields) {
    const word = level ?? UNKNOWN;
    counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  return [...counts].filter(([, n]) => n > 0).map(([level, n]) => `${count(n)} ${level}`)
    .join(" · ");
}
