/**
 * Reads untrusted JSON: checks its bounds before it parses, and changes neither numbers nor the order of
 * members. Pure; runs in a browser.
 */

import { inOrder } from "./json_order.ts";
import {
  BACKSLASH,
  CLOSE_BRACE,
  CLOSE_BRACKET,
  COLON,
  COMMA,
  OPEN_BRACE,
  OPEN_BRACKET,
  QUOTE,
  stringEnd,
} from "./json_span.ts";
import { isObject, Numeral } from "./json_types.ts";

/** The largest JSON text to parse. */
export interface JsonBounds {
  /** UTF-16 code units of the text. */
  readonly maxChars: number;
  /** Nested arrays and objects; the outermost counts as one. */
  readonly maxDepth: number;
  /** Commas and opening brackets. The time to parse depends on values more than on characters. */
  readonly maxValues: number;
  /** Members of one object. Copying or writing an object of 400,000 members takes half a second. */
  readonly maxMembers: number;
  /** Characters of one number. Digits take ten times as long to parse as other text. */
  readonly maxDigits: number;
}

/**
 * Enough for every result and request of the API. A text at all of these bounds takes about 150 ms to parse,
 * and recursion over 500 levels is far from the end of the stack.
 */
export const JSON_BOUNDS: JsonBounds = {
  maxChars: 16 * 1024 * 1024,
  maxDepth: 500,
  maxValues: 500_000,
  maxMembers: 100_000,
  maxDigits: 10_000,
};

/**
 * Bounds of a task's request and of its parts. The API takes 25,000 characters of input, which have room for at
 * most 4,200 names. Its other objects are smaller.
 */
export const REQUEST_BOUNDS: Partial<JsonBounds> = { maxMembers: 5_000 };

/** No bounds, for texts that users open in their own browser. */
export const UNBOUNDED: JsonBounds = {
  maxChars: Infinity,
  maxDepth: Infinity,
  maxValues: Infinity,
  maxMembers: Infinity,
  maxDigits: Infinity,
};

/** The text exceeds a bound. It may or may not be JSON. */
export class JsonBoundsError extends Error {
  override name = "JsonBoundsError";
  /** The exceeded bound. */
  readonly bound: keyof JsonBounds;

  constructor(bound: keyof JsonBounds, limit: number) {
    super(
      {
        maxChars: `The JSON is longer than ${limit} characters`,
        maxDepth: `The JSON is nested deeper than ${limit} levels`,
        maxValues: `The JSON has more than ${limit} values`,
        maxMembers: `The JSON has an object of more than ${limit} members`,
        maxDigits: `The JSON has a number of more than ${limit} digits`,
      }[bound],
    );
    this.bound = bound;
  }
}

/** How {@linkcode readJson} reads. */
export interface ReadJsonOptions {
  /** Bounds other than {@linkcode JSON_BOUNDS}. */
  readonly bounds?: Partial<JsonBounds>;
  /**
   * Which numbers become a {@linkcode Numeral}: those that a double would change (`lossy`, the default), or all
   * that JavaScript would write differently, such as `1.0` (`respelled`).
   */
  readonly numerals?: "lossy" | "respelled";
}

/**
 * Parses a text. A number that a double cannot hold becomes a {@linkcode Numeral}, and an object whose members
 * JavaScript would move keeps their order ({@linkcode inOrder}).
 *
 * @throws {JsonBoundsError} before anything is parsed.
 * @throws {SyntaxError}
 */
export function readJson(text: string, options: ReadJsonOptions = {}): unknown {
  checkJson(text, options.bounds);
  const respelled = options.numerals === "respelled";
  if (!(respelled ? /\d/ : MAYBE_LOSSY).test(text) && !MAYBE_MOVED.test(text)) {
    return JSON.parse(text);
  }
  // Replace each such number by a marked string, and put the mark in front of each name made of digits. A reviver
  // that sees the source text could keep the numbers, but only in newer engines and in ten times the time.
  const mark = crypto.randomUUID();
  const marked = withMarks(
    text,
    mark,
    respelled ? (number) => number !== String(Number(number)) : isLossy,
  );
  // Parse the original text first, so errors have correct positions.
  const value: unknown = JSON.parse(text);
  return marked === text ? value : unmarked(JSON.parse(marked), mark);
}

/**
 * Reads JSON to store, show or forward: every number keeps its spelling. Throws like {@linkcode readJson}.
 */
export function readVerbatim(text: string, bounds?: Partial<JsonBounds>): unknown {
  return readJson(text, { numerals: "respelled", bounds });
}

/**
 * Turns every number that `keep` accepts into a string that begins with the mark, and puts the mark in front of
 * every name that JavaScript would move.
 */
function withMarks(text: string, mark: string, keep: (number: string) => boolean): string {
  const pieces: string[] = [];
  let copied = 0;
  for (let at = 0; at < text.length; at++) {
    const char = text.charCodeAt(at);
    if (char === QUOTE) {
      const start = at;
      at = stringEnd(text, start);
      if (at === -1) break;
      const name = movedName(text, start, at);
      if (name === null) continue;
      pieces.push(text.slice(copied, start), `"${mark}${name}"`);
      copied = at + 1;
    } else if (isDigit(char)) {
      const start = text.charCodeAt(at - 1) === MINUS ? at - 1 : at;
      while (isNumberPart(text.charCodeAt(at + 1))) at++;
      const number = text.slice(start, at + 1);
      // Leave anything that is not a number to the parser, which reports it.
      if (!keep(number) || !NUMBER.test(number)) continue;
      pieces.push(text.slice(copied, start), `"${mark}${number}"`);
      copied = at + 1;
    }
  }
  return copied === 0 ? text : pieces.join("") + text.slice(copied);
}

/** Names that JavaScript treats as an index (ECMA-262, section 6.1.7): it lists them first, in numeric order. */
const MOVED = /^(?:0|[1-9]\d{0,9})$/;
const MAYBE_MOVED = /"(?:\d|\\u003)[^"]{0,60}"\s*:/;

/** The name between two quotes, if it is one that JavaScript would move; otherwise `null`. */
function movedName(text: string, start: number, end: number): string | null {
  const first = text.charCodeAt(start + 1);
  // The longest such name has ten digits, each written as an escape.
  if (!(isDigit(first) || first === BACKSLASH) || end - start > 61) return null;
  let after = end + 1;
  while (text.charCodeAt(after) <= SPACE) after++;
  if (text.charCodeAt(after) !== COLON) return null;
  try {
    const name = String(JSON.parse(text.slice(start, end + 1)));
    return MOVED.test(name) ? name : null;
  } catch {
    return null;
  }
}

/** Replaces marked strings with {@linkcode Numeral}s and removes marks from names, in place. */
function unmarked(value: unknown, mark: string): unknown {
  if (typeof value === "string") {
    return value.startsWith(mark) ? new Numeral(value.slice(mark.length)) : value;
  }
  if (Array.isArray(value)) {
    for (let at = 0; at < value.length; at++) value[at] = unmarked(value[at], mark);
  } else if (isObject(value)) {
    const names = Object.keys(value);
    for (const name of names) value[name] = unmarked(value[name], mark);
    if (!names.some((name) => name.startsWith(mark))) return value;
    return inOrder(
      names.map((name) => [name.startsWith(mark) ? name.slice(mark.length) : name, value[name]]),
    );
  }
  return value;
}

/** @throws {JsonBoundsError} if a text exceeds its bounds. Does not check whether it is JSON. */
export function checkJson(text: string, bounds: Partial<JsonBounds> = {}): void {
  const { maxChars, maxDepth, maxValues, maxMembers, maxDigits } = { ...JSON_BOUNDS, ...bounds };
  if (text.length > maxChars) throw new JsonBoundsError("maxChars", maxChars);
  // Each level takes two characters, and each value but the first takes a comma, a bracket or a brace.
  if (text.length <= Math.min(2 * maxDepth, maxValues, maxMembers, maxDigits)) return;
  let depth = 0, values = 1;
  // The members of each open object. The items of a list do not count.
  const members: number[] = [];
  for (let at = 0; at < text.length; at++) {
    const char = text.charCodeAt(at);
    if (char === QUOTE) {
      at = stringEnd(text, at);
      if (at === -1) return;
    } else if (char === OPEN_BRACKET || char === OPEN_BRACE) {
      values++;
      if (++depth > maxDepth) throw new JsonBoundsError("maxDepth", maxDepth);
      members[depth] = char === OPEN_BRACE ? 1 : -Infinity;
    } else if (char === CLOSE_BRACKET || char === CLOSE_BRACE) {
      depth--;
    } else if (char === COMMA) {
      values++;
      if (++members[depth]! > maxMembers) throw new JsonBoundsError("maxMembers", maxMembers);
    } else if (isDigit(char)) {
      const start = at;
      while (isNumberPart(text.charCodeAt(at + 1))) {
        if (++at - start >= maxDigits) throw new JsonBoundsError("maxDigits", maxDigits);
      }
    }
    if (values > maxValues) throw new JsonBoundsError("maxValues", maxValues);
  }
}

/** RFC 8259, section 6. */
const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

function isDigit(char: number): boolean {
  return char >= ZERO && char <= NINE;
}

function isNumberPart(char: number): boolean {
  return isDigit(char) || char === POINT || char === PLUS || char === MINUS ||
    (char | LOWER_CASE) === LETTER_E;
}

const SPACE = 0x20, POINT = 0x2e, PLUS = 0x2b, MINUS = 0x2d;
const ZERO = 0x30, NINE = 0x39, LETTER_E = 0x65, LOWER_CASE = 0x20;

/** Sixteen digits, with or without a point among them, or an exponent: a double holds any other number. */
const MAYBE_LOSSY = /(?:\d\.?){16}|\d[eE]/;

/** Eighteen significant digits or more: a double is written with seventeen at most. */
const EIGHTEEN_DIGITS = /^-?[0.]*[1-9][\d.]{17,}[1-9]/;

/** Whether a double changes the value of a written number, not only its spelling. */
export function isLossy(number: string): boolean {
  if (!MAYBE_LOSSY.test(number)) return false;
  // Do not analyse numbers that can hardly be doubles.
  if (number.length > 400 || EIGHTEEN_DIGITS.test(number)) return true;
  const value = Number(number);
  if (String(value) === number) return false;
  // JavaScript writes integers of up to 21 digits out.
  if (/^-?[1-9]\d{0,20}$/.test(number)) return true;
  return !Number.isFinite(value) || decimal(String(value)) !== decimal(number);
}

/** Whether two written numbers have the same value. Numbers of more than 400 characters are compared as texts. */
export function isSameNumber(one: string, other: string): boolean {
  if (one === other) return true;
  return Math.max(one.length, other.length) <= 400 && decimal(one) === decimal(other);
}

/** Significant digits and exponent: the same for every spelling of one decimal number. */
function decimal(number: string): string {
  const [mantissa = "", exponent = "0"] = number.toLowerCase().split("e");
  const [whole = "", fraction = ""] = mantissa.replace("-", "").split(".");
  const digits = (whole + fraction).replace(/^0+/, "");
  const bare = digits.replace(/0+$/, "");
  if (bare === "") return "0";
  const scale = Number(exponent) - fraction.length + digits.length - bare.length;
  return `${number.startsWith("-") ? "-" : ""}${bare}e${scale}`;
}
