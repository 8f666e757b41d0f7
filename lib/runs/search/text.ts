/** The text of a run that a search looks through. Pure. */
import { JsonBoundsError, Numeral, readJson } from "../../base/mod.ts";

/** Where a text of a run comes from. */
export const PLACES = ["input", "metadata", "result"] as const;
export type Place = (typeof PLACES)[number];

/** What is kept of a run for searching: the beginning of each text. */
export type SearchText = Readonly<Record<Place, string>>;

/** Longest part of each text that can be found (characters): together below KV's 64 KiB a value. */
export const KEPT: Readonly<Record<Place, number>> = {
  input: 4_000,
  metadata: 1_000,
  result: 12_000,
};

/** What a run was asked and found: values as JSON has them, however deep. */
export function searchText(values: Readonly<Record<Place, unknown>>): SearchText {
  return {
    input: cut("input", values.input),
    metadata: cut("metadata", values.metadata),
    result: cut("result", values.result),
  };
}

/** The content of a result as it is stored; all of the text where it is too large or deep to be read. */
export function contentOf(output: string): unknown {
  try {
    const read = readJson(output);
    return typeof read === "object" && read !== null && "content" in read ? read.content : null;
  } catch (error) {
    if (error instanceof JsonBoundsError) return output;
    throw error;
  }
}

function cut(place: Place, value: unknown): string {
  const limit = KEPT[place];
  const lines: string[] = [];
  let length = 0;
  for (const line of linesOf(value)) {
    if (length >= limit) break;
    lines.push(line.slice(0, limit - length));
    length += line.length + 1;
  }
  return lines.join("\n");
}

/**
 * The words in a value: texts as they are, members of objects with their names. Without recursion: a
 * store may hold what is nested deeper than the stack.
 */
function* linesOf(root: unknown): Generator<string> {
  const waiting: { readonly name: string; readonly value: unknown }[] = [{ name: "", value: root }];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { name, value } = next;
    const label = name === "" ? "" : `${name}: `;
    if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") {
      yield `${label}${value}`;
    } else if (value instanceof Numeral) yield `${label}${value.text}`;
    else if (typeof value === "object" && value !== null) {
      if (name !== "") yield `${name}:`;
      const members = Array.isArray(value)
        ? value.map((item: unknown) => ({ name: "", value: item }))
        : Object.entries(value).map(([name, member]) => ({ name, value: member }));
      for (const member of members.toReversed()) waiting.push(member);
    }
  }
}
