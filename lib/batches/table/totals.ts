/** Detects a last row of totals, which should not be sent. Pure. */
import { isBlank } from "../model/mod.ts";
import type { RawRow } from "./raw.ts";

const LABEL =
  /^\W*(?:(?:grand|sub|overall)[\s-]*)?(?:totals?|sums?|averages?|avg|count|summe|gesamt(?:summe)?|insgesamt|durchschnitt|totale|total g[eé]n[eé]ral|somme|suma|totaal|итого|合計|合计|总计)\W*$/iu;

/** Rows that must add up before an unlabelled row counts as totals. */
const FEWEST_ADDENDS = 3;
/** A row with more cells, or with a longer cell, is not a row of totals. */
const MAX_CELLS = 20, MAX_CHARS = 60;

/** Whether the last row holds totals. */
export function hasTotalsRow(rows: readonly RawRow[]): boolean {
  const last = rows.at(-1);
  if (last === undefined || rows.length < 2) return false;
  const above = rows.slice(0, -1);
  const filled = last.cells.flatMap((cell, at) => isBlank(cell) ? [] : [{ cell, at }]);
  if (filled.length > MAX_CELLS || filled.some(({ cell }) => cell.length > MAX_CHARS)) {
    return false;
  }
  const numbers = filled.filter(({ cell }) => numberOf(cell) !== null);
  const [first] = filled;
  if (first !== undefined && LABEL.test(first.cell)) {
    // "Total" is also a company, so all other cells of the row must be numbers.
    return numbers.length > 0 && numbers.length === filled.length - 1;
  }
  // An unlabelled row of totals lacks the name that all rows above have.
  const isNameless = numbers.length === filled.length &&
    above.every(({ cells }) => cells.some((cell, at) => !isBlank(cell) && isBlank(last.cells[at])));
  return isNameless && numbers.some(({ cell, at }) => {
    const addends = above.flatMap(({ cells }) => numberOf(cells[at] ?? "") ?? []);
    const sum = addends.reduce((sum, addend) => sum + addend, 0);
    return addends.length >= FEWEST_ADDENDS && sum !== 0 &&
      Math.abs(sum - numberOf(cell)!) <= Math.abs(sum) * 1e-9;
  });
}

/** Parses a cell's number, with or without currency and thousands separators. */
function numberOf(cell: string): number | null {
  if (cell.length > MAX_CHARS) return null;
  const text = cell.trim().replace(/^[$€£¥]\s*|\s*(?:[$€£¥%]|EUR|USD)$/g, "");
  if (!/^[+-]?\d[\d.,\u00a0' ]*$/.test(text)) return null;
  const point = /[.,](?=\d{1,2}$)/.exec(text)?.index ?? text.length;
  const whole = text.slice(0, point).replace(/[.,\u00a0' ]/g, "");
  const value = Number(`${whole}.${text.slice(point + 1) || "0"}`);
  return Number.isFinite(value) ? value : null;
}
