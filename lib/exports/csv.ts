/** Comma-separated values (RFC 4180) that no spreadsheet takes for a program. Pure. */

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

/** Rows as lines, the last one ended too. */
export function csvText(rows: readonly (readonly Cell[])[]): string {
  return rows.map((row) => `${row.map(cellText).join(",")}\r\n`).join("");
}

function cellText(cell: Cell): string {
  if (cell === null) return "";
  if (typeof cell !== "string") return String(cell);
  const lead = /^[\s\p{Cc}]*/u.exec(cell)?.[0] ?? "";
  const rest = cell.slice(lead.length).replace(
    INNER_FORMULA,
    (whole, before: string, part: string) =>
      NUMBER.test(part) || MARKDOWN.test(part) ? whole : `${before}'${part}`,
  );
  const isFormula = FORMULA.test(cell) && !NUMBER.test(cell);
  const text = `${isFormula ? "'" : ""}${lead}${rest}`;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
