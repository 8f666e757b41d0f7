/** A result in one line, for lists: its first fields with their confidence, or its first sentence. Pure. */
import { beginning } from "../base/mod.ts";
import type { FieldBasis, TaskRunInput, TaskRunOutput } from "../parallel/mod.ts";
import { describingSchema, memberOf, orderedEntries, pathKey } from "./schema.ts";
import { summaryOf } from "./summary.ts";
import { inlineLabelOf, shownLine, showValue } from "./values.ts";

/** A field of a result in a list. A text is one field without a name. */
export interface BriefField {
  readonly name: string;
  readonly text: string;
  readonly confidence: string | null;
}

/** The most fields in a line, and the most characters of a name and of a value. */
const FIELDS = 5, NAME_CHARS = 40, VALUE_CHARS = 60;

/** Returns the first fields of a result. A text, or a result with one text field, becomes its first sentence. */
export function briefOf(input: TaskRunInput, output: TaskRunOutput): BriefField[] {
  const confidence = confidenceByPath(output.basis);
  if (output.type === "text") {
    return [{ name: "", text: sentenceOf(output.content), confidence: confidence([]) }];
  }
  const schema = describingSchema(input, output);
  const entries = orderedEntries(output.content, schema);
  const [only] = entries;
  if (only !== undefined && entries.length === 1 && typeof only[1] === "string") {
    return [{ name: "", text: sentenceOf(only[1]), confidence: confidence([only[0]]) }];
  }
  return entries.slice(0, FIELDS).map(([name, value]) => {
    const member = memberOf(schema, name);
    const bare = typeof value === "string" ? value.replace(REMARK, "") : value;
    return {
      name: cut(inlineLabelOf(name, value, member), NAME_CHARS),
      text: cut(shownLine(showValue(bare, member, name, { brief: true })), VALUE_CHARS),
      confidence: confidence([name]),
    };
  });
}

/** The sandbox's remark before a text. A list says once that all of it is simulated. */
const REMARK = /^\s*Simulated by the Taskstream sandbox: [^.]*\.\s+/;
const HEADINGS = /^(?:\s*#{1,6} [^\n]*\n)+\s*(?=\S)/;
/** How much of a text is searched for its first sentence (characters). */
const READ_CHARS = 4_000;

/** A text up to the end of its first sentence, without the headings before it. */
function sentenceOf(text: string): string {
  const content = text.slice(0, READ_CHARS).replace(REMARK, "").replace(HEADINGS, "");
  const line = summaryOf({ type: "text", content, basis: [] });
  return /^.{20,}?(?:[.!?](?=\s|$)|[。！？])/u.exec(line)?.[0] ?? line;
}

function cut(text: string, limit: number): string {
  return text.length <= limit ? text : `${beginning(text, limit - 1).trimEnd()}…`;
}

const LEVELS: readonly string[] = ["low", "medium", "high"];

/** The lower of two levels. Unknown levels rank highest. */
function lower(one: string, other: string): string {
  const rank = (level: string) => LEVELS.includes(level) ? LEVELS.indexOf(level) : LEVELS.length;
  return rank(other) < rank(one) ? other : one;
}

/**
 * Returns a function that finds a field's confidence by its path: the field's own, or else the lowest inside
 * it. The empty path stands for a text, which has the confidence of its only basis entry.
 */
export function confidenceByPath(
  basis: readonly FieldBasis[],
): (path: readonly string[]) => string | null {
  const own = new Map<string, string>(), inside = new Map<string, string>();
  for (const { field, confidence } of basis) {
    if (!confidence) continue;
    const key = pathKey(field);
    own.set(key, confidence);
    for (let dot = key.indexOf("."); dot !== -1; dot = key.indexOf(".", dot + 1)) {
      const above = key.slice(0, dot);
      inside.set(above, lower(inside.get(above) ?? confidence, confidence));
    }
  }
  return (path) => {
    if (path.length === 0) return basis.length === 1 ? basis[0]!.confidence || null : null;
    const key = path.join(".");
    return own.get(key) ?? inside.get(key) ?? null;
  };
}
