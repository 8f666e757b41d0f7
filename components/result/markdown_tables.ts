/** Tables of a text: how they look, and which are too large. Server only. */
import MarkdownIt, { type Token } from "markdown-it";
import { cx } from "../ui/cx.ts";

/** A plugin of markdown-it: wide tables scroll by themselves, also by keyboard. */
export function scrollingTables(md: InstanceType<typeof MarkdownIt>): void {
  md.renderer.rules.table_open = (tokens, index) => {
    const look = cx("wide", isBroad(tokens, index) && "broad");
    return `<div class='${look}' tabindex="0" role="group" aria-label="Table"><table>\n`;
  };
  md.renderer.rules.table_close = () => "</table></div>\n";
}

/** From this many characters a row, or this many columns, a table takes the notes' margin too. */
const BROAD = { chars: 72, columns: 6 };
/** Longer cells wrap (characters). */
const CELL_CHARS = 40;

/** Whether a table is broad, by its columns and their longest cells after its opening token. */
function isBroad(tokens: readonly Token[], open: number): boolean {
  const longest: number[] = [];
  let column = 0;
  for (let at = open + 1; tokens[at] !== undefined; at++) {
    const { type, content } = tokens[at]!;
    if (type === "table_close") break;
    if (type === "tr_open") column = 0;
    if (type === "inline") {
      longest[column] = Math.max(longest[column] ?? 0, Math.min(content.length, CELL_CHARS));
      column++;
    }
  }
  const chars = longest.reduce((sum, length) => sum + length, 0);
  return longest.length >= BROAD.columns || chars >= BROAD.chars;
}

/** The most cells of all tables of a text. Rendering them takes about 100 ms. */
const MAX_CELLS = 25_000;

/** The row below a table's head, in a list or quotation too. */
const DELIMITER = /^[\s>*+\d.)|:-]*$/;

/** Whether tables have too many cells. A short row gets as many as the head: `|a` may become thousands. */
export function hasLargeTables(text: string): boolean {
  let cells = 0, columns = 0;
  for (const line of text.split(/\r\n?|\n/)) {
    const dashes = line.includes("|") && DELIMITER.test(line) ? line.match(/-+/g) : null;
    if (dashes !== null) columns = Math.max(columns, dashes.length);
    else if (!/[^ \t>]/.test(line)) columns = 0;
    cells += columns;
    if (cells > MAX_CELLS) return true;
  }
  return false;
}
