/**
 * The rules that a line can break unintentionally. `rule_texts.ts` explains each one; the server sends it as data
 * to keep the page's script small. Pure.
 */

/** `lost`: part of the stream had no effect. `note`: legal, but rarely intended. */
export type Severity = "lost" | "note";

/** A rule: its severity, and a few words for a label. */
export interface Rule {
  readonly severity: Severity;
  readonly title: string;
}

const lost = (title: string): Rule => ({ severity: "lost", title });
const note = (title: string): Rule => ({ severity: "note", title });

export const RULES = {
  "unknown-field": lost("unknown field"),
  "field-case": lost("wrong case"),
  "field-space": lost("space in the name"),
  "no-colon": lost("no colon"),
  "bare-json": lost("no “data:”"),
  "bom-inside": lost("byte order mark"),
  "id-nul": lost("id with NUL"),
  "retry-not-digits": lost("retry is no number"),
  "unfinished": lost("no blank line"),
  "no-data": lost("no data"),
  "bare-field": note("no colon"),
  "set-twice": note("set twice"),
  "not-utf8": note("not UTF-8"),
} as const satisfies Readonly<Record<string, Rule>>;

export type RuleId = keyof typeof RULES;
