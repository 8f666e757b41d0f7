/** Comma-separated values (RFC 4180) that no spreadsheet takes for a program. Pure. */

/** What a cell may hold. */
export type Cell = string | number | boolean | null;

/**
 * What spreadsheets would run: https://owasp.org/www-community/attacks/CSV_Injection. Full-width signs
 * count, for East Asian editions of Excel take them for the plain ones.
 */
const FORMULA = /^[\s\p{Cc}]*[=+\-@＝＋－＠]|^[\t\r\n]/u;
/** A number that is written as text is not a formula. */
const NUMBER = /^[+-]?\d+(?:[.,]\d+)*(?:e[+-]?\d+)?\s*%?$/i;

/** Rows as lines, the last one ended too. */
export function csvText(rows: readonly (readonly Cell[])[]): string {
  return rows.map((row) => `${row.map(cellText).join(",")}\r\n`).join("");
}

function cellText(cell: Cell): string {
  if (cell === null) return "";
  if (typeof cell !== "string") return String(cell);
  const text = FORMULA.test(cell) && !NUMBER.test(cell) ? `'${cell}` : cell;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
