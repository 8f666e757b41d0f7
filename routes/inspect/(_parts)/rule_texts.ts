/**
 * The rules in plain words, with links to the standard:
 * https://html.spec.whatwg.org/multipage/server-sent-events.html. Only the server loads this. The page gets
 * it as data.
 */
import type { RuleId } from "./rules.ts";

/** What the standard prescribes, and the URL of the section. */
export interface RuleText {
  readonly text: string;
  readonly url: string;
}

const STANDARD = "https://html.spec.whatwg.org/multipage/server-sent-events.html";
const interpreting = (text: string): RuleText => ({
  text,
  url: `${STANDARD}#event-stream-interpretation`,
});
const parsing = (text: string): RuleText => ({ text, url: `${STANDARD}#parsing-an-event-stream` });

export const RULE_TEXTS: Readonly<Record<RuleId, RuleText>> = {
  "unknown-field": interpreting(
    "The only fields are data, event, id and retry. A line with any other name is ignored.",
  ),
  "field-case": interpreting(
    "Field names are case-sensitive and lower-case. This line is ignored.",
  ),
  "field-space": interpreting(
    "Everything before the colon is the name, including spaces, so this is not a known field. The line is ignored.",
  ),
  "no-colon": interpreting(
    "A line without a colon is a field name with an empty value. This is not a known field, so the line is ignored.",
  ),
  "bare-json": interpreting(
    "Every line of data must start with “data:”. This looks like JSON that continues without it. The line is ignored.",
  ),
  "bom-inside": parsing(
    "A byte order mark is removed only at the very start of the stream. Here it is part of the field's name, so the line is ignored.",
  ),
  "id-nul": interpreting(
    "An id that contains U+0000 is ignored. The previous id still applies.",
  ),
  "retry-not-digits": interpreting(
    "A retry value must contain only ASCII digits (milliseconds), without a sign, unit, point or space. This line is ignored.",
  ),
  "unfinished": interpreting(
    "The stream ended before the blank line that dispatches the event, so the event is discarded.",
  ),
  "no-data": interpreting(
    "An event without a data line is not dispatched, and its type is forgotten.",
  ),
  "bare-field": interpreting(
    "Without a colon the whole line is the field's name and its value is empty. This is legal, but often a mistake.",
  ),
  "set-twice": interpreting(
    "This field was already set in the same event. The last value wins.",
  ),
  "not-utf8": parsing(
    "Event streams are UTF-8. Invalid bytes were replaced with U+FFFD (�).",
  ),
};
