/**
 * The rules in plain words, with links to the standard:
 * https://html.spec.whatwg.org/multipage/server-sent-events.html. Only the server loads this. The page gets
 * it as data.
 */
import type { RuleId } from "./rules.ts";

/** What the standard prescribes, and the URL of the section. */
export interface Why {
  readonly why: string;
  readonly url: string;
}

const STANDARD = "https://html.spec.whatwg.org/multipage/server-sent-events.html";
const interpreting = (why: string): Why => ({
  why,
  url: `${STANDARD}#event-stream-interpretation`,
});
const parsing = (why: string): Why => ({ why, url: `${STANDARD}#parsing-an-event-stream` });

export const WHY: Readonly<Record<RuleId, Why>> = {
  "unknown-field": interpreting(
    "The only fields are data, event, id and retry. A line with any other name is ignored.",
  ),
  "field-case": interpreting(
    "Field names are compared exactly, in small letters. This line is ignored.",
  ),
  "field-space": interpreting(
    "Everything before the colon is the name, spaces included, so it is no known field. This line is ignored.",
  ),
  "no-colon": interpreting(
    "A line without a colon is a field name with an empty value, and no field has this name. This line is ignored.",
  ),
  "bare-json": interpreting(
    "Every line of the data needs “data:” of its own. This looks like JSON that goes on without it; the line is ignored.",
  ),
  "bom-inside": parsing(
    "One byte order mark is removed at the very start of the stream, no other. Here it is part of the field's name, so the line is ignored.",
  ),
  "id-nul": interpreting(
    "An id that contains U+0000 is ignored; the one before it stays in force.",
  ),
  "retry-not-digits": interpreting(
    "A retry value must be ASCII digits only, in milliseconds: no sign, unit, point or space. This line is ignored.",
  ),
  "unfinished": interpreting(
    "The stream ended before the blank line that dispatches an event: this one is discarded.",
  ),
  "no-data": interpreting(
    "An event without a data line is not dispatched, and its type is forgotten.",
  ),
  "bare-field": interpreting(
    "Without a colon the whole line is the field's name and its value is empty. Legal, but often a slip.",
  ),
  "set-twice": interpreting(
    "This field was set before in the same event; the last one counts.",
  ),
  "not-utf8": parsing(
    "Event streams are UTF-8. Bytes that are not became U+FFFD (�).",
  ),
};
