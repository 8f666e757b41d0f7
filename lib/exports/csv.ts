/** Comma-separated values (RFC 4180) that a spreadsheet will not execute. Pure. */

import { slices } from "../base/mod.ts";

/** The types a cell can hold. */
export type Cell = string | number | boolean | null;

/**
 * The characters that start a formula: https://owasp.org/www-community/attacks/CSV_Injection. Includes
 * full-width and small signs, which East Asian editions of Excel treat like the plain ones.
 */
const SIGNS = String.raw`=+\-@＝＋－＠﹦﹢﹣﹫`;
/** Characters that a spreadsheet may drop before a cell's first sign: control, zero-width, bidirectional. */
const UNSEEN = String.raw`\p{Cc}\p{Cf}\p{DI}`;
const FORMULA = new RegExp(`^'*(?:[\\s${UNSEEN}]*[${SIGNS}]|[\\t\\r\\n])`, "u");
/**
 * The same at the start of any cell that a spreadsheet might see with other separators: semicolons, as in
 * Excel in half of Europe, tabs, and line ends, because quotes no longer count then.
 */
const INNER_FORMULA = new RegExp(
  `([;；\\t\\r\\n](?:(?![\\t\\r\\n])[\\s"${UNSEEN}])*)('*)([${SIGNS}][^;；\\t\\r\\n]*)`,
  "gu",
);
/** A number written as text is not a formula. */
const NUMBER = /^[+-]?\d+(?:[.,]\d+)*(?:e[+-]?\d+)?\s*%?\s*$/i;
/** Invisible marks around a number in a right-to-left text. */
const MARKS = /^[\p{Cf}\p{DI}]+|[\p{Cf}\p{DI}]+$/gu;
/** A Markdown list item or rule that contains no formula. */
const MARKDOWN = /^(?:[+-] [^|!(=@｜！（＝＠﹗﹙﹦﹫]*|[-+=]+\s*)$/;

/** Tells Excel that a file is UTF-8. Most other readers cannot handle it. */
export const BYTE_ORDER_MARK = "\uFEFF";

/** Longer texts are not checked for being a number: the check takes quadratic time. */
const NUMBER_CHARS = 400;
/** The approximate length of a piece of a cell (characters). */
const PIECE_CHARS = 64 * 1024;

/** The length up to which a cell is written in one go, and of a piece of short cells (characters). */
const SHORT_CHARS = 1_024;
/** Only cells with one of these characters need quotes or an apostrophe. */
const SPECIAL = new RegExp(`[${SIGNS}",\\r\\n\\t]`);

/** Yields rows as lines, each with a line end, in pieces: a cell may be as long as a result. */
export function* csvPieces(rows: Iterable<readonly Cell[]>): Generator<string> {
  let made = "";
  for (const row of rows) {
    for (let at = 0; at < row.length; at++) {
      if (at > 0) made += ",";
      const cell = row[at] ?? null;
      if (typeof cell !== "string") made += cell === null ? "" : String(cell);
      else if (cell.length > SHORT_CHARS) {
        yield made;
        made = "";
        yield* textPieces(cell);
      } else made += SPECIAL.test(cell) ? [...textPieces(cell)].join("") : cell;
      if (made.length < SHORT_CHARS) continue;
      yield made;
      made = "";
    }
    made += "\r\n";
  }
  yield made;
}

function* textPieces(cell: string): Generator<string> {
  const isQuoted = /[",\r\n]/.test(cell);
  if (isQuoted) yield '"';
  for (const piece of escapedPieces(cell)) {
    yield isQuoted ? piece.replaceAll('"', '""') : piece;
  }
  if (isQuoted) yield '"';
}

/**
 * Puts an apostrophe before everything a spreadsheet would execute. If there are apostrophes already, adds
 * one more, so that {@linkcode unescapedCell} can reverse it.
 */
function* escapedPieces(cell: string): Generator<string> {
  if (isFormula(cell)) yield "'";
  for (const part of parts(cell)) {
    const harmless = part.replace(
      INNER_FORMULA,
      (whole, before: string, quotes: string, inner: string) =>
        isHarmless(inner) ? whole : `${before}${quotes}'${inner}`,
    );
    yield* slices(harmless);
  }
}

/** Reverses the escaping of an exported cell. */
export function unescapedCell(cell: string): string {
  if (!cell.includes("'")) return cell;
  const text = cell.replace(
    INNER_FORMULA,
    (whole, before: string, quotes: string, inner: string) =>
      quotes === "" || isHarmless(inner) ? whole : `${before}${quotes.slice(1)}${inner}`,
  );
  return text.startsWith("'") && isFormula(text) ? text.slice(1) : text;
}

function isFormula(cell: string): boolean {
  return FORMULA.test(cell) && !isNumber(cell.replace(/^'+/, ""));
}

function isHarmless(part: string): boolean {
  return isNumber(part) || MARKDOWN.test(part);
}

/** Splits a text wherever a separator may start a new cell. */
function* parts(text: string): Generator<string> {
  const separator = /[;；\t\r\n]/g;
  for (let at = 0; at < text.length;) {
    separator.lastIndex = at + PIECE_CHARS;
    const end = separator.exec(text)?.index ?? text.length;
    yield text.slice(at, end);
    at = end;
  }
}

function isNumber(text: string): boolean {
  return text.length <= NUMBER_CHARS && NUMBER.test(text.replace(MARKS, ""));
}

/** The marker for sandbox runs in every export. */
export const SIMULATED =
  "Simulated by the Taskstream sandbox: sources, figures and findings are not real";
