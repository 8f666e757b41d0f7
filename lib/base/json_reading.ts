/**
 * Reads a JSON text of megabytes in steps, so that no step blocks other work. A long string is not copied:
 * without escapes it is a slice of the text. Pure.
 */
import { checkJson, type JsonBounds, readVerbatim, UNBOUNDED } from "./json.ts";
import { OrderedMembers } from "./json_order.ts";
import {
  BACKSLASH,
  CLOSE_BRACE,
  CLOSE_BRACKET,
  COLON,
  COMMA,
  isSpace,
  OPEN_BRACE,
  OPEN_BRACKET,
  QUOTE,
  stringEnd,
} from "./json_span.ts";
import { isObject, type JsonObject } from "./json_types.ts";

/** About how much to parse in one step (characters). */
const STEP_CHARS = 64 * 1024;

/**
 * Reads JSON as `readVerbatim` does, with a pause after each step of about `stepChars`.
 *
 * @throws {JsonBoundsError} before anything is parsed.
 * @throws {SyntaxError} without the place of the mistake, if the text is long.
 */
export function* readingVerbatim(
  text: string,
  bounds?: Partial<JsonBounds>,
  stepChars = STEP_CHARS,
): Generator<"", unknown> {
  if (text.length <= stepChars) return readVerbatim(text, bounds);
  checkJson(text, bounds);
  yield "";
  const reader = new Reader(text, stepChars, yield* longValues(text, stepChars));
  const value = yield* reader.value(reader.skipSpace(0));
  if (reader.skipSpace(reader.at) !== text.length) throw mistake();
  return value;
}

const mistake = () => new SyntaxError("The text is not valid JSON");

/** Finds lists, objects and strings that are too long for one step. Maps the start of each to the index after it. */
function* longValues(
  text: string,
  stepChars: number,
): Generator<"", ReadonlyMap<number, number>> {
  const long = new Map<number, number>();
  const open: number[] = [];
  for (let at = 0, since = 0; at < text.length; at++) {
    const char = text.charCodeAt(at);
    let start = at;
    if (char === QUOTE) {
      at = stringEnd(text, at);
      if (at === -1) throw mistake();
    } else if (char === OPEN_BRACKET || char === OPEN_BRACE) {
      open.push(at);
    } else if (char === CLOSE_BRACKET || char === CLOSE_BRACE) {
      start = open.pop() ?? -1;
      if (start === -1) throw mistake();
    }
    if (at - start > stepChars) long.set(start, at + 1);
    if (at - since < stepChars) continue;
    since = at;
    yield "";
  }
  return long;
}

/** Reads values of a text from left to right. */
class Reader {
  readonly #text: string;
  readonly #stepChars: number;
  readonly #long: ReadonlyMap<number, number>;
  /** The index after the value that was read last. */
  at = 0;

  constructor(text: string, stepChars: number, long: ReadonlyMap<number, number>) {
    this.#text = text;
    this.#stepChars = stepChars;
    this.#long = long;
  }

  /** Reads the value that starts at an index. */
  *value(start: number): Generator<"", unknown> {
    const char = this.#text.charCodeAt(start);
    const isLong = this.#long.has(start);
    if (isLong && char === OPEN_BRACKET) return yield* this.#list(start);
    if (isLong && char === OPEN_BRACE) return yield* this.#object(start);
    this.at = this.#endOf(start);
    if (isLong) return yield* this.#string(start);
    return readVerbatim(this.#text.slice(start, this.at), UNBOUNDED);
  }

  *#list(start: number): Generator<"", unknown[]> {
    const list: unknown[] = [];
    for (let from = start + 1, isFirst = true;; from = this.at + 1, isFirst = false) {
      const small = this.#smallMembers(from, CLOSE_BRACKET);
      if (small !== null) {
        const read = readVerbatim(`[${small}]`, UNBOUNDED);
        if (!Array.isArray(read) || (read.length === 0 && !isFirst)) throw mistake();
        for (const item of read) list.push(item);
      } else {
        list.push(yield* this.value(this.skipSpace(from)));
      }
      yield "";
      if (this.#isClosed(CLOSE_BRACKET)) return list;
    }
  }

  *#object(start: number): Generator<"", JsonObject> {
    const members = new OrderedMembers<unknown>();
    for (let from = start + 1, isFirst = true;; from = this.at + 1, isFirst = false) {
      const small = this.#smallMembers(from, CLOSE_BRACE);
      if (small !== null) {
        const read = readVerbatim(`{${small}}`, UNBOUNDED);
        if (!isObject(read)) throw mistake();
        const names = Object.keys(read);
        if (names.length === 0 && !isFirst) throw mistake();
        for (const name of names) members.set(name, read[name]);
      } else {
        const nameAt = this.skipSpace(from);
        if (this.#text.charCodeAt(nameAt) !== QUOTE) throw mistake();
        const name = yield* this.value(nameAt);
        const colon = this.skipSpace(this.at);
        if (typeof name !== "string" || this.#text.charCodeAt(colon) !== COLON) throw mistake();
        members.set(name, yield* this.value(this.skipSpace(colon + 1)));
      }
      yield "";
      if (this.#isClosed(CLOSE_BRACE)) return members.object();
    }
  }

  /**
   * Returns the text of as many members as fit in one step, and moves to the comma or bracket after them. Returns
   * `null`, without moving, if the first member is too long.
   */
  #smallMembers(from: number, close: number): string | null {
    const text = this.#text;
    // The end of the last whole member.
    let end = -1;
    for (let at = from; at < text.length; at++) {
      const char = text.charCodeAt(at);
      if (char === COMMA || char === close) {
        end = at;
        if (char === close || at - from > this.#stepChars) break;
      } else if (char === QUOTE || char === OPEN_BRACKET || char === OPEN_BRACE) {
        if (this.#long.has(at)) break;
        at = this.#endOf(at) - 1;
      }
    }
    if (end === -1) return null;
    this.at = end;
    return text.slice(from, end);
  }

  /** The index after a value. */
  #endOf(start: number): number {
    const text = this.#text;
    const known = this.#long.get(start);
    if (known !== undefined) return known;
    for (let at = start, depth = 0; at < text.length; at++) {
      const char = text.charCodeAt(at);
      if (char === QUOTE) {
        at = stringEnd(text, at);
        if (at === -1) throw mistake();
      } else if (char === OPEN_BRACKET || char === OPEN_BRACE) depth++;
      else if (char === CLOSE_BRACKET || char === CLOSE_BRACE) {
        // The end of its container.
        if (--depth < 0) return at;
      } else if (depth > 0) continue;
      else if (char === COMMA || isSpace(char)) return at;
      else continue;
      if (depth === 0) return at + 1;
    }
    return text.length;
  }

  /** Reads a string that is too long for one step. `at` is already after it. */
  *#string(start: number): Generator<"", string> {
    const text = this.#text;
    const end = this.at - 1;
    const first = text.indexOf("\\", start);
    if (first === -1 || first >= end) {
      for (let at = start + 1; at < end; at += this.#stepChars) {
        // Throws on characters that a string must not contain. The result is not needed.
        JSON.parse(`"${text.slice(at, Math.min(at + this.#stepChars, end))}"`);
        yield "";
      }
      return text.slice(start + 1, end);
    }
    const pieces: string[] = [];
    for (let at = start + 1; at < end;) {
      const to = escapeEnd(text, at, Math.min(at + this.#stepChars, end));
      pieces.push(JSON.parse(`"${text.slice(at, to)}"`));
      at = to;
      yield "";
    }
    return pieces.join("");
  }

  /** Moves past the white space after a member. Returns whether its container ends there, and moves past that end. */
  #isClosed(close: number): boolean {
    this.at = this.skipSpace(this.at);
    const char = this.#text.charCodeAt(this.at);
    if (char !== close && char !== COMMA) throw mistake();
    if (char === close) this.at++;
    return char === close;
  }

  /** The index of the next character that is not white space. */
  skipSpace(at: number): number {
    while (isSpace(this.#text.charCodeAt(at))) at++;
    return at;
  }
}

/** Returns `at`, or the end of the escape sequence that `at` would cut. `from` must not lie within one. */
function escapeEnd(text: string, from: number, at: number): number {
  const last = text.lastIndexOf("\\", at - 1);
  // The longest one has six characters.
  if (last < from || at - last >= 6) return at;
  let first = last;
  while (first > from && text.charCodeAt(first - 1) === BACKSLASH) first--;
  // An even number of backslashes is a sequence of escaped backslashes.
  if ((last - first) % 2 === 1) return at;
  return Math.max(at, last + (text[last + 1] === "u" ? 6 : 2));
}
