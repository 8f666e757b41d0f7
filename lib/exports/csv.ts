/** Comma-separated values (RFC 4180) that no spreadsheet takes for a program. Pure. */

import { slices } from "../base/paced.ts";

/** What a cell may hold. */
export type Cell = string | number | boolean | null;

/**
 * What spreadsheets would run: https://owasp.org/www-community/attacks/CSV_Injection. Full-width signs
 * count, for East Asian editions of Excel take them for the plain ones.
 */
const FORMULA = /^[\s\p{Cc}]*[=+\-@＝＋－＠]|^[\t\r\n]/u;
/**
 * The same behind what begins a cell where a spreadsheet splits lines otherwise: at semicolons, as Excel
 * does in half of Europe, at tabs, and at every line's end, for then quotes count no more.
 */
const INNER_FORMULA = /([;；\t\r\n](?:(?![\t\r\n])[\s"\p{Cc}])*)([=+\-@＝＋－＠][^;；\t\r\n]*)/gu;
/** A number that is written as text is not a formula. */
const NUMBER = /^[+-]?\d+(?:[.,]\d+)*(?:e[+-]?\d+)?\s*%?\s*$/i;
/** An entry of a list or a rule of Markdown, with nothing of a formula in it. */
const MARKDOWN = /^(?:[+-] [^|!(=@]*|[-+=]+\s*)$/;

/** What tells Excel that a file is UTF-8, and stands in the way of most other readers. */
export const BYTE_ORDER_MARK = "\uFEFF";

/** Longer, nothing is a number that somebody wrote as text: to look at it takes the square of its length. */
const NUMBER_CHARS = 400;
/** About as long is a piece of a cell (characters). */
const PIECE_CHARS = 64 * 1024;

/** Rows as lines, the last one ended too, in pieces: a cell may be as long as a result. */
export function* csvPieces(rows: Iterable<readonly Cell[]>): Generator<string> {
  for (const row of rows) {
    for (let at = 0; at < row.length; at++) {
      if (at > 0) yield ",";
      const cell = row[at] ?? null;
      if (typeof cell === "string") yield* textPieces(cell);
      else if (cell !== null) yield String(cell);
    }
    yield "\r\n";
  }
}

function* textPieces(cell: string): Generator<string> {
  const isFormula = FORMULA.test(cell) && !isNumber(cell);
  const lead = /^[\s\p{Cc}]*/u.exec(cell)?.[0] ?? "";
  const isQuoted = /[",\r\n]/.test(cell);
  const quoted = (text: string) => isQuoted ? text.replaceAll('"', '""') : text;
  if (isQuoted) yield '"';
  if (isFormula) yield "'";
  yield* slices(lead);
  for (const part of parts(cell, lead.length)) {
    const harmless = part.replace(
      INNER_FORMULA,
      (whole, before: string, inner: string) =>
        isNumber(inner) || MARKDOWN.test(inner) ? whole : `${before}'${inner}`,
    );
    for (const slice of slices(harmless)) yield quoted(slice);
  }
  if (isQuoted) yield '"';
}

/** The rest of a text, cut where a separator begins what may be a cell of its own. */
function* parts(text: string, from: number): Generator<string> {
  const separator = /[;；\t\r\n]/g;
  for (let at = from; at < text.length;) {
    separator.lastIndex = at + PIECE_CHARS;
    const end = separator.exec(text)?.index ?? text.length;
    yield text.slice(at, end);
    at = end;
  }
}

function isNumber(text: string): boolean {
  return text.length <= NUMBER_CHARS && NUMBER.test(text);
}
