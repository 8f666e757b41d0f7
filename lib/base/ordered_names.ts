/**
 * Objects that keep the order of their keys. JavaScript moves keys made of digits to the front of an object, so
 * a field called `2024` would change its place in a schema. Such keys get a mark in front. Pure: runs in a
 * browser.
 */
import { readJson } from "./json.ts";

/** A noncharacter of Unicode: no text has a use for it. */
const MARK = "\ufdd0";
/** Keys that JavaScript treats as an index, and keys with marks in front of one. */
const MOVED = /^\ufdd0*(?:0|[1-9]\d*)$/;

/** The key under which a name keeps its place. */
export function keyOf(name: string): string {
  return MOVED.test(name) ? MARK + name : name;
}

/** The original name of a key. */
export function nameOf(key: string): string {
  return key.startsWith(MARK) && MOVED.test(key) ? key.slice(1) : key;
}

const STRING_AND_COLON = /"(?:[^"\\]|\\.)*"(\s*:)?/g;

/** Parses a text with every name as its key; numbers keep their digits. Throws as `readJson` does. */
export function readOrdered(text: string): unknown {
  const keyed = text.replace(STRING_AND_COLON, (string, colon: string | undefined) => {
    if (colon === undefined || !/[\d\\]/.test(string)) return string;
    const quoted = string.slice(0, -colon.length);
    try {
      const name = String(JSON.parse(quoted));
      const key = keyOf(name);
      return key === name ? string : JSON.stringify(key) + colon;
    } catch {
      return string;
    }
  });
  return readJson(keyed, { numerals: "respelled" });
}

/** Writes a value whose names are keys. */
export function writeOrdered(value: unknown, indent = 2): string {
  const written = JSON.stringify(value, null, indent);
  return written.replace(/"\ufdd0(\ufdd0*\d+)"(?=:)/g, '"$1"');
}
