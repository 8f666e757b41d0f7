/** The text of a run that a search looks through. Pure. */
import { isNumber, isObject } from "../../../base/json.ts";
import type { TaskRunInput, TaskRunOutput } from "../../../parallel/types.ts";

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

/** The text of a run; `output` where it has one. */
export function searchText(input: TaskRunInput, output: TaskRunOutput | null): SearchText {
  return {
    input: cut("input", [input.input]),
    metadata: cut("metadata", [input.metadata ?? null]),
    result: cut("result", [output?.content ?? null]),
  };
}

function cut(place: Place, values: readonly unknown[]): string {
  const limit = KEPT[place];
  const lines: string[] = [];
  let length = 0;
  for (const line of linesOf(values)) {
    if (length >= limit) break;
    lines.push(line.slice(0, limit - length));
    length += line.length + 1;
  }
  return lines.join("\n");
}

/** The words in a value: texts as they are, members of objects with their names. */
function* linesOf(value: unknown): Generator<string> {
  if (typeof value === "string") yield value;
  else if (isNumber(value) || typeof value === "boolean") yield String(value);
  else if (Array.isArray(value)) { for (const item of value) yield* linesOf(item); }
  else if (isObject(value)) {
    for (const [name, member] of Object.entries(value)) {
      if (Array.isArray(member) || isObject(member)) {
        yield `${name}:`;
        yield* linesOf(member);
      } else if (member !== null && member !== undefined) yield `${name}: ${member}`;
    }
  }
}
