/** The searchable text of a run. Pure. */
import { JsonBoundsError, Numeral, readJson } from "../../base/mod.ts";

/** The origin of a text. */
export const PLACES = ["input", "metadata", "result"] as const;
export type Place = (typeof PLACES)[number];

/** The stored search text of a run: the beginning of each text. */
export type SearchText = Readonly<Record<Place, string>>;

/** The longest searchable part of each text (characters): together below KV's 64 KiB per value. */
export const KEPT: Readonly<Record<Place, number>> = {
  input: 4_000,
  metadata: 1_000,
  result: 12_000,
};

/** A run's request and result: JSON values of any depth. */
export function searchText(values: Readonly<Record<Place, unknown>>): SearchText {
  return {
    input: cut("input", values.input),
    metadata: cut("metadata", values.metadata),
    result: cut("result", values.result),
  };
}

/** Returns the content of a stored result: `null` if there is none, the whole text if it is too deep to parse. */
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
 * Collects the words in a value: strings, and object members with their names. Not recursive: stored
 * values may be nested deeper than the stack.
 */
function* linesOf(root: unknown): Generator<string> {
  const open: Iterator<readonly [string, unknown]>[] = [membersOf([root])];
  for (let last = open.at(-1); last !== undefined; last = open.at(-1)) {
    const next = last.next();
    if (next.done === true) {
      open.pop();
      continue;
    }
    const [name, value] = next.value;
    const label = name === "" ? "" : `${name}: `;
    if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") {
      yield `${label}${value}`;
    } else if (value instanceof Numeral) yield `${label}${value.text}`;
    else if (typeof value === "object" && value !== null) {
      if (name !== "") yield `${name}:`;
      open.push(membersOf(value));
    }
  }
}

/** Yields members one by one: only the beginning of a text is kept, and a value may have 100,000. */
function* membersOf(value: object): Generator<readonly [string, unknown]> {
  if (Array.isArray(value)) { for (const item of value) yield ["", item]; }
  else for (const name of Object.keys(value)) yield [name, Reflect.get(value, name)];
}

const LETTERS = /^[a-z]+$/;
const ASCII = /\p{ASCII}+/gu;
/** Characters that belong to no word. */
const BETWEEN = /^[\p{P}\p{S}\p{Z}]*$/u;

/**
 * Tells whether a run's text has, for each prefix of folded letters, a word that starts with it, as its index
 * terms do. Returns `null` for a text with other letters than those of ASCII. There is no such function for
 * other prefixes: words with digits may be one number with others.
 */
export function plainMatcher(
  beginnings: readonly string[],
): ((text: SearchText) => boolean | null) | null {
  if (!beginnings.every((beginning) => LETTERS.test(beginning))) return null;
  const words = beginnings.map((beginning) => new RegExp(`(?<![a-z0-9])${beginning}`, "i"));
  return (text) => {
    const whole = PLACES.map((place) => text[place]).join("\n");
    if (!BETWEEN.test(whole.replace(ASCII, ""))) return null;
    return words.every((word) => word.test(whole));
  };
}
