/**
 * What a line can do that its sender did not mean, and the rule of the standard behind it:
 * https://html.spec.whatwg.org/multipage/server-sent-events.html. Pure.
 */

/** `lost`: something of the stream had no effect. `note`: legal, but rarely what was meant. */
export type Severity = "lost" | "note";

/** One rule, in plain words. */
export interface Rule {
  readonly severity: Severity;
  /** A few words for a mark. */
  readonly title: string;
  /** What the standard says happens. */
  readonly why: string;
  /** The standard's section. */
  readonly section: "parsing" | "interpretation";
}

const lost = (title: string, why: string): Rule => ({
  severity: "lost",
  title,
  why,
  section: "interpretation",
});
const note = (title: string, why: string): Rule => ({ ...lost(title, why), severity: "note" });

export const RULES = {
  "unknown-field": lost(
    "unknown field",
    "The only fields are data, event, id and retry. A line with any other name is ignored.",
  ),
  "field-case": lost(
    "wrong case",
    "Field names are compared exactly, in small letters. This line is ignored.",
  ),
  "field-space": lost(
    "space in the name",
    "Everything before the colon is the name, spaces included, so it is no known field. This line is ignored.",
  ),
  "no-colon": lost(
    "no colon",
    "A line without a colon is a field name with an empty value, and no field has this name. This line is ignored.",
  ),
  "bare-json": lost(
    "no “data:”",
    "Every line of the data needs “data:” of its own. This looks like JSON that goes on without it; the line is ignored.",
  ),
  "bom-inside": lost(
    "byte order mark",
    "One byte order mark is removed at the very start of the stream, no other. Here it is part of the field's name, so the line is ignored.",
  ),
  "id-nul": lost(
    "id with NUL",
    "An id that contains U+0000 is ignored; the one before it stays in force.",
  ),
  "retry-not-digits": lost(
    "retry is no number",
    "A retry value must be ASCII digits only, in milliseconds: no sign, unit, point or space. This line is ignored.",
  ),
  "unfinished": {
    ...lost(
      "no blank line",
      "The stream ended before the blank line that dispatches an event: this one is discarded.",
    ),
    section: "parsing",
  },
  "no-data": lost(
    "no data",
    "An event without a data line is not dispatched, and its type is forgotten.",
  ),
  "bare-field": note(
    "no colon",
    "Without a colon the whole line is the field's name and its value is empty. Legal, but often a slip.",
  ),
  "set-twice": note(
    "set twice",
    "This field was set before in the same event; the last one counts.",
  ),
  "not-utf8": {
    ...note("not UTF-8", "Event streams are UTF-8. Bytes that are not became U+FFFD (�)."),
    section: "parsing",
  },
} as const satisfies Readonly<Record<string, Rule>>;

export type RuleId = keyof typeof RULES;

const STANDARD = "https://html.spec.whatwg.org/multipage/server-sent-events.html";

/** Where the standard says so. */
export function ruleUrl(id: RuleId): string {
  return `${STANDARD}#${
    RULES[id].section === "parsing" ? "parsing-an-event-stream" : "event-stream-interpretation"
  }`;
}
