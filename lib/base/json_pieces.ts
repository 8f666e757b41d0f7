/**
 * Writes JSON like `JSON.stringify`, but in pieces: writing a large value at once would block all other work.
 */
import { beginning, bytes } from "./clock_and_texts.ts";
import { isObject } from "./json_types.ts";
import { stringEnd } from "./json_span.ts";
import { slices } from "./paced.ts";

/** JSON that is written as it is. Only its white space changes, if the output is indented. */
export class JsonText {
  constructor(readonly text: string) {}
}

/** A value that is computed, with pauses, when it is written. It must not return another {@linkcode JsonWork}. */
export class JsonWork {
  constructor(readonly work: () => Generator<"", unknown>) {}
}

/** The approximate length of a piece (characters). */
const PIECE_CHARS = 16 * 1024;

/** A list or an object that is being written. */
interface Open {
  readonly holder: object;
  /** `null` for a list. */
  readonly names: readonly string[] | null;
  readonly length: number;
  /** Number of members visited. */
  at: number;
  /** Whether nothing of it is written yet. */
  isEmpty: boolean;
}

/**
 * Yields a value's JSON in pieces. Not recursive, so depth costs nothing. Reads a member's value when its turn
 * comes, so it may be a getter that computes it. `space` indents like the third argument of `JSON.stringify`.
 */
export function* jsonPieces(root: unknown, space = 0): Generator<string> {
  const open: Open[] = [];
  let made = "", value = root;
  for (;;) {
    if (value instanceof JsonWork) value = yield* value.work();
    if (value instanceof JsonText || (typeof value === "string" && value.length > PIECE_CHARS)) {
      yield made;
      if (typeof value === "string") yield* stringPieces(value);
      else yield* space === 0 ? slices(value.text) : indentedText(value.text, space, open.length);
      made = "";
    } else if (Array.isArray(value) && value.length > 0) {
      open.push({ holder: value, names: null, length: value.length, at: 0, isEmpty: true });
      made += "[";
    } else if (isObject(value)) {
      const names = Object.keys(value);
      open.push({ holder: value, names, length: names.length, at: 0, isEmpty: true });
      made += "{";
    } else {
      made += JSON.stringify(value) ?? "null";
    }
    if (made.length > PIECE_CHARS) {
      yield made;
      made = "";
    }
    const next = nextMember(open, space);
    made += next.before;
    if (next.isEnd) break;
    value = next.value;
  }
  yield made;
}

const OPENING = /[[{]/, CLOSING = /[\]}]/, SPACE = /\s/;

/** Indents a JSON text that is `depth` levels below the root. */
function* indentedText(text: string, space: number, depth: number): Generator<string> {
  let made = "", level = depth;
  const line = () => `\n${" ".repeat(space * level)}`;
  for (let at = 0; at < text.length; at++) {
    const char = text[at]!;
    if (char === '"') {
      const end = stringEnd(text, at) + 1;
      yield made;
      yield* slices(text.slice(at, end));
      made = "";
      at = end - 1;
    } else if (OPENING.test(char)) {
      while (SPACE.test(text[at + 1] ?? "")) at++;
      const isEmpty = CLOSING.test(text[at + 1] ?? "");
      if (isEmpty) made += char + text[++at];
      else level++, made += char + line();
    } else if (CLOSING.test(char)) {
      level--;
      made += line() + char;
    } else if (char === ",") made += char + line();
    else if (char === ":") made += ": ";
    else if (!SPACE.test(char)) made += char;
    if (made.length > PIECE_CHARS) {
      yield made;
      made = "";
    }
  }
  yield made;
}

/** The text before the next member's value, including the ends of completed parents. */
function nextMember(open: Open[], space: number) {
  const line = () => space === 0 ? "" : `\n${" ".repeat(space * open.length)}`;
  let before = "";
  for (let last = open.at(-1); last !== undefined; last = open.at(-1)) {
    const { holder, names, length, isEmpty } = last;
    if (last.at >= length) {
      open.pop();
      before += `${isEmpty ? "" : line()}${names === null ? "]" : "}"}`;
      continue;
    }
    const name = names === null ? last.at : names[last.at]!;
    last.at++;
    const value: unknown = Reflect.get(holder, name);
    if (names !== null && value === undefined) continue;
    last.isEmpty = false;
    const key = names === null ? "" : `${JSON.stringify(name)}:${space === 0 ? "" : " "}`;
    return { before: `${before}${isEmpty ? "" : ","}${line()}${key}`, value, isEnd: false };
  }
  return { before, value: undefined, isEnd: true };
}

/** The first characters of a value's JSON, without writing the rest. */
export function jsonBeginning(value: unknown, chars: number, space = 0): string {
  let text = "";
  for (const piece of jsonPieces(value, space)) {
    text += piece;
    if (text.length >= chars) break;
  }
  return text.slice(0, chars);
}

/** Whether two values have the same JSON. Stops at the first difference. */
export function isSameJson(one: unknown, other: unknown): boolean {
  const theirs = jsonPieces(other);
  for (const piece of jsonPieces(one)) if (piece !== theirs.next().value) return false;
  return theirs.next().done === true;
}

/** The approximate length of a value's JSON (characters): escapes are not counted. */
export function jsonLength(root: unknown): number {
  const waiting: unknown[] = [root];
  let length = 0;
  while (waiting.length > 0) {
    const value = waiting.pop();
    // Quotes, a comma, a colon or brackets.
    length += 3;
    if (typeof value === "string") length += value.length;
    else if (Array.isArray(value)) { for (const item of value) waiting.push(item); }
    else if (isObject(value)) {
      for (const name of Object.keys(value)) {
        length += name.length + 2;
        waiting.push(value[name]);
      }
    } else length += String(value).length;
  }
  return length;
}

/** A value as indented JSON. If it is too long for a page, it is cut and points to the rest. */
export function cutJson(value: unknown, limit: number): string {
  const text = jsonBeginning(value, limit + 1, 2);
  if (text.length <= limit) return text;
  return `${beginning(text, limit)}… (about ${bytes(jsonLength(value))} in all, see result.json)`;
}

/** A text as a JSON string, in slices. */
export function* stringPieces(text: string): Generator<string> {
  yield '"';
  for (const slice of slices(text)) yield JSON.stringify(slice).slice(1, -1);
  yield '"';
}
