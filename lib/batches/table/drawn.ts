/** Reads a table that is drawn with bars and lines: Markdown, and what psql and mysql print. */
import { nextTurn } from "../../base/mod.ts";
import type { TableLimits } from "../model/mod.ts";
import { type RawRow, tooManyColumns } from "./raw.ts";

/** The count that psql prints below. */
const COUNT = /^\(\d+ rows?\)$/;
/** A bar that divides cells. */
const BAR = /(?<!\\)\|/;
const LINE = /([^\r\n]*)(?:\r\n|\r|\n|$)/g;
/** Lines to read before yielding to the event loop. */
const STRIDE = 2_000;

/** Whether a line is drawn between rows: `|---|:-:|`, `----+----`, `+====+`. */
function isRule(line: string): boolean {
  return /^[\s|+:=-]+$/.test(line) && /[-=]/.test(line) && /[|+]/.test(line);
}

/** Whether the first lines are headings with a line below them, as in every drawn table. */
export function isDrawn(text: string): boolean {
  const [first = "", second = "", third = ""] = text.slice(0, 100_000).trim().split(
    /\r\n|\r|\n/,
    3,
  );
  return first.startsWith("+") && isRule(first)
    ? BAR.test(second) && isRule(third)
    : BAR.test(first) && isRule(second);
}

/** Returns the rows of a drawn table, with its headings first; `null` if other text stands around it. */
export async function drawnRows(text: string, limits: TableLimits): Promise<RawRow[] | null> {
  const rows: RawRow[] = [];
  let line = 0, isRuled = false;
  for (const [, written = ""] of text.matchAll(LINE)) {
    if (++line % STRIDE === 0) await nextTurn();
    // The reader of delimited text reports what is wrong with such a line.
    if (written.length > 2 * limits.cellChars) return null;
    const drawn = written.trim();
    if (drawn === "" || COUNT.test(drawn)) continue;
    // A row of dashes below the headings' line has cells.
    if (isRule(drawn) && (drawn.startsWith("+") || rows.length === 1 && !isRuled)) {
      isRuled ||= rows.length === 1;
      continue;
    }
    if (!BAR.test(drawn)) return null;
    const inner = drawn.replace(/^\|/, "").replace(/(?<!\\)\|$/, "");
    const cells = inner.split(BAR, limits.columns + 1);
    if (cells.length > limits.columns) throw tooManyColumns(limits, line);
    rows.push({ line, cells: cells.map((cell) => cell.trim().replaceAll("\\|", "|")) });
    if (rows.length > limits.rows + 1) break;
  }
  return rows;
}
