/** The API's confidence: a mark for one field, a bar for a whole result. */
import { count, UNKNOWN } from "../../lib/base/mod.ts";
import { cx } from "./cx.ts";

const LEVELS = new Map([
  ["low", cx("level level-1")],
  ["medium", cx("level level-2")],
  ["high", cx("level level-3")],
]);

/** Three bars and the API's word, or "–" without one. `long` adds the word “confidence”. */
export function ConfidenceMark(
  { level, long }: { readonly level: string | null | undefined; readonly long?: boolean },
) {
  return (
    <span class="confidence" title="Confidence, as the API reports it">
      <i class={LEVELS.get(level ?? "") ?? "level"}></i>
      <span>
        {level || UNKNOWN} <span class={long ? "" : "sr-only"}>confidence</span>
      </span>
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

/** With more fields the bar is a smear and is not drawn; the counts beside it say the same. */
export const MAX_SEGMENTS = 40;

/** A segment for each field, in their order. */
export function ConfidenceBar(
  { fields, small }: { readonly fields: readonly ConfidenceSegment[]; readonly small?: boolean },
) {
  if (fields.length === 0 || fields.length > MAX_SEGMENTS) return null;
  // An image has no links inside. Where there are some, the counts stand beside the bar.
  const name = fields.some(({ href }) => href !== undefined) ? { "aria-hidden": true } as const : {
    role: "img",
    "aria-label": `Confidence of ${count(fields.length)} fields: ${confidenceCounts(fields)}`,
  } as const;
  return (
    <span class={small ? "profile small" : "profile"} {...name}>
      {fields.map(({ name, level, href }, index) => {
        const title = `${name}: ${level ?? UNKNOWN}`;
        const look = SEGMENTS.get(level ?? "") ?? cx("unknown");
        // The row of each field is the way for keyboards and screen readers.
        return href === undefined
          ? <i key={index} class={look} title={title}></i>
          : (
            <a key={index} class={look} title={title} href={href} tabIndex={-1} aria-hidden="true">
            </a>
          );
      })}
    </span>
  );
}

const SEGMENTS = new Map([["high", ""], ["medium", cx("medium")], ["low", cx("low")]]);
const ORDER = ["high", "medium", "low"];
/** What a count calls fields without a level: “8 –” says nothing, and a screen reader reads a dash. */
const UNRATED = "unrated";

/** The fields of each level: high, medium, low, then levels that the API may add. */
export function confidenceParts<Field extends Pick<ConfidenceSegment, "level">>(
  fields: readonly Field[],
): { readonly level: string; readonly fields: readonly Field[] }[] {
  const parts = new Map<string, Field[]>(ORDER.map((level) => [level, []]));
  for (const field of fields) {
    const word = field.level ?? UNRATED;
    const part = parts.get(word);
    // A list that is copied for each field takes seconds for a basis of 40,000.
    if (part) part.push(field);
    else parts.set(word, [field]);
  }
  return [...parts].map(([level, fields]) => ({ level, fields }))
    .filter(({ fields }) => fields.length > 0);
}

/** `9 high · 3 medium · 1 low` */
function confidenceCounts(fields: readonly Pick<ConfidenceSegment, "level">[]): string {
  return confidenceParts(fields).map(({ level, fields }) => `${count(fields.length)} ${level}`)
    .join(" · ");
}
