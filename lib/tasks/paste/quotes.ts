/** Finds the end of shell quotes and substitutions, and decodes bash's `$'…'`. Pure. */

import type { Budget } from "./budget.ts";

/** Escapes in bash's `$'…'`: letter and character. */
const ANSI: ReadonlyMap<string, string> = new Map([
  ...["\\", "'", '"', "?"].map((each) => [each, each] as const),
  ...Object.entries({ n: "\n", t: "\t", r: "\r", a: "\x07", b: "\b", e: "\x1b", f: "\f", v: "\v" }),
]);

/** A byte in hexadecimal or octal. Several in a row may be one character of UTF-8. */
const BYTE = /^\\(?:x([\da-fA-F]{1,2})|([0-7]{1,3}))/;
const CHARACTER = /^\\(?:u([\da-fA-F]{1,4})|U([\da-fA-F]{1,8}))/;
const CONTROL = /^\\c([@-_a-z])/;

/** Reads a quote whose content begins at `from`: its text and end, or `null` if it is unclosed. */
export function ansiQuoted(
  source: string,
  from: number,
): { readonly text: string; readonly end: number } | null {
  let text = "";
  const bytes: number[] = [];
  for (let at = from; at < source.length;) {
    const rest = source.slice(at, at + 10);
    const byte = BYTE.exec(rest);
    if (byte !== null) {
      const [whole, hex, octal = ""] = byte;
      bytes.push((hex === undefined ? parseInt(octal, 8) : parseInt(hex, 16)) & 0xff);
      at += whole.length;
      continue;
    }
    if (bytes.length > 0) text += new TextDecoder().decode(Uint8Array.from(bytes.splice(0)));
    if (rest[0] === "'") return { text, end: at };
    const [character, short, long = ""] = CHARACTER.exec(rest) ?? [];
    const [control, letter = ""] = CONTROL.exec(rest) ?? [];
    if (character !== undefined) {
      const point = parseInt(short ?? long, 16);
      text += point <= 0x10ffff ? String.fromCodePoint(point) : "\ufffd";
    } else if (control !== undefined) text += String.fromCharCode(letter.charCodeAt(0) & 0x1f);
    else if (rest[0] === "\\") text += ANSI.get(rest[1] ?? "") ?? rest.slice(0, 2);
    else text += rest[0];
    at += (character ?? control)?.length ?? (rest[0] === "\\" ? 2 : 1);
  }
  return null;
}

/** Total characters to search for the ends of substitutions. */
const MAX_LOOKED = 5_000_000;

/**
 * Finds the end of a substitution whose content begins at `from`. Returns -1 if it is unclosed or `budget` is
 * used up: a text may have any number of unclosed ones.
 */
export function closing(
  text: string,
  from: number,
  mark: ")" | "`" | "}",
  budget: Budget,
): number {
  let depth = 1;
  for (let at = from; at < text.length; at++) {
    if (++budget.looked > MAX_LOOKED) return -1;
    const char = text[at];
    if (char === "'" && mark === ")") {
      const end = text.indexOf("'", at + 1);
      if (end !== -1) at = end;
    } else if (char === "(" && mark === ")") depth++;
    else if (char === mark && --depth === 0) return at;
  }
  return -1;
}
