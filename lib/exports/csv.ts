/** Comma-separated values (RFC 4180) that no spreadsheet takes for a program. Pure. */

import { slices } from "../base/mod.ts";

/** What a cell may hold. */
export type Cell = string | number | boolean | null;

/**
 * What spreadsheets would run: https://owasp.org/www-community/attacks/CSV_Injection. Full-width signs
 * count, for East Asian editions of Excel take them for the plain ones.
 */
const FORMULA = /^'*(?:[\s\p{Cc}]*[=+\-@＝＋－＠]|[\t\r\n])/u;
/**
 * The same behind what begins a cell where a spreadsheet splits lines otherwise: at semicolons, as Excel
 * does in half of Europe, at tabs, and at every line's end, for then quotes count no more.
 */
const INNER_FORMULA =
  /([;；\t\r\n](?:(?![\t\r\n])[\s"\p{Cc}])*)('*)([=+\-@＝＋－＠][^;；\t\r\n]*)/gu;
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

/** A cell that is written in one go, and about as much is a piece of short ones (characters). */
const SHORT_CHARS = 1_024;
/** No cell without one of these is quoted, or gets an apostrophe. */
const SPECIAL = /[=+\-@＝＋－＠",\r\n\t]/;

/** Rows as lines, the last one ended too, in pieces: a cell may be as long as a result. */
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
 * A cell with an apostrophe before all that a spreadsheet would run; one that has apostrophes there
 * already gets one more, so that {@linkcode unescapedCell} leads back to it.
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

/** The cell that an export made this one of. */
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

/** A text, cut where a separator begins what may be a cell of its own. */
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
  return text.length <= NUMBER_CHARS && NUMBER.test(text);
}

/** How every export says that the sandbox made it up. */
export const SIMULATED =
  "Simulated by the Taskstream sandbox: sources, figures and findings are not real";
