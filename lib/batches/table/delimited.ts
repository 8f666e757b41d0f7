/**
 * Reads delimiter-separated values (RFC 4180) as spreadsheets write them, and records each row's line.
 *
 * `csv-parse` 7.0.3 was tried first. It counts `\r\n` inside quotes as two lines, reports an unclosed
 * quotation mark at the end of the file, and needs 3 s for 20 MB.
 */
import { count, nextTurn } from "../../base/mod.ts";
import { isBlank, type TableLimits } from "../model/mod.ts";
import { lineBreaks } from "./decode.ts";
import { type RawRow, TableError, tooManyColumns } from "./raw.ts";

/** A row, and the columns with text after a closing quotation mark. */
export interface DelimitedRow extends RawRow {
  /** Columns from 1; absent if there are none. */
  readonly stray?: readonly number[];
}

/** Characters to read before yielding to the event loop. */
const SLICE_CHARS = 512 * 1024;
/** The fixed cost of a row, in characters. */
const ROW_CHARS = 50;
/** Cells per line, including empty ones. Excel has 16,384 columns. */
const MAX_CELLS = 20_000;

/** The limits of a row. */
export type RowLimits = Pick<TableLimits, "columns" | "cellChars">;

/** Reads all rows of a text, yielding to the event loop. Throws like {@linkcode Records.next}. */
export async function* delimitedRows(
  text: string,
  delimiter: string | null,
  limits: TableLimits,
  firstLine = 1,
): AsyncGenerator<DelimitedRow> {
  const records = new Records(text, delimiter, limits, firstLine);
  let resumed = 0, rows = 0, blank = 0;
  for (let row = records.next(); row !== null; row = records.next()) {
    yield row;
    // Nothing is left to learn from more blank rows, and a file may have millions.
    blank = row.cells.every(isBlank) ? blank + 1 : 0;
    if (blank > limits.rows) records.skipBlank();
    if (records.offset - resumed + ++rows * ROW_CHARS < SLICE_CHARS) continue;
    resumed = records.offset;
    rows = 0;
    await nextTurn();
  }
}

/** Iterates over the rows of a text. */
export class Records {
  readonly #text: string;
  readonly #delimiter: string | null;
  readonly #limits: RowLimits;
  #at = 0;
  #line: number;
  /** Offsets of the next delimiter and line breaks, searched again once passed. */
  #nextDelimiter = -1;
  #nextFeed = -1;
  #nextReturn = -1;

  /** Without a delimiter each line is one cell. */
  constructor(
    text: string,
    delimiter: string | null,
    limits: RowLimits,
    firstLine = 1,
  ) {
    this.#text = text;
    this.#delimiter = delimiter;
    this.#limits = limits;
    this.#line = firstLine;
  }

  /** The offset of the next row. */
  get offset(): number {
    return this.#at;
  }

  /**
   * Returns the next row, or `null` after the last one.
   *
   * @throws {TableError} if a quotation mark is never closed or a row has too many columns.
   */
  next(): DelimitedRow | null {
    const text = this.#text;
    if (this.#at >= text.length) return null;
    const line = this.#line;
    const cells: string[] = [];
    const stray: number[] = [];
    for (let column = 1;; column++) {
      const cell = this.#quoted(column, stray) ?? this.#plain();
      // Drop the thousands of empty columns that spreadsheets export.
      if (cells.length < this.#limits.columns) cells.push(cell);
      else if (cell.trim() !== "" || column > MAX_CELLS) throw tooManyColumns(this.#limits, line);
      if (!this.#skipDelimiter()) break;
    }
    this.#skipLineBreak();
    return stray.length === 0 ? { line, cells } : { line, cells, stray };
  }

  /** Skips blank rows, in a slice of the text. */
  skipBlank(): void {
    const start = this.#at;
    const slice = this.#text.slice(start, start + SLICE_CHARS);
    const code = this.#delimiter?.codePointAt(0)?.toString(16) ?? "20";
    const blank = new RegExp(`^[\\s\\p{Cf}\\u{${code}}]*`, "u").exec(slice)![0];
    // The row with the next value begins after the last line break.
    const length = Math.max(blank.lastIndexOf("\n"), blank.lastIndexOf("\r")) + 1;
    this.#line += lineBreaks(this.#text, start, start + length);
    this.#at = start + length;
  }

  /** The end of an unquoted cell: the next delimiter, line break, or the end of the text. */
  #end(): number {
    const text = this.#text;
    const from = this.#at;
    if (this.#nextDelimiter < from) {
      this.#nextDelimiter = this.#delimiter === null ? Infinity : find(text, this.#delimiter, from);
    }
    if (this.#nextFeed < from) this.#nextFeed = find(text, "\n", from);
    if (this.#nextReturn < from) this.#nextReturn = find(text, "\r", from);
    return Math.min(this.#nextDelimiter, this.#nextFeed, this.#nextReturn, text.length);
  }

  #plain(): string {
    const end = this.#end();
    const cell = this.#text.slice(this.#at, end);
    this.#at = end;
    return cell;
  }

  /** A quoted cell, possibly after spaces; `null` if the cell is not quoted. */
  #quoted(column: number, stray: number[]): string | null {
    const text = this.#text;
    let open = this.#at;
    while (text[open] === " ") open++;
    if (text[open] !== '"') return null;
    let close = open;
    do {
      close = text.indexOf('"', close + 1);
      if (close === -1) {
        // After spaces it is ordinary text.
        if (open > this.#at) return null;
        throw new TableError(
          "This quotation mark is never closed. Close it, or double every quotation mark " +
            "inside a quoted cell.",
          this.#line,
          column,
        );
      }
      if (close - open > 2 * this.#limits.cellChars) {
        throw new TableError(
          `This cell has more than ${count(this.#limits.cellChars)} characters. ` +
            "Shorten it, or close the quotation mark that opens it.",
          this.#line,
          column,
        );
      }
    } while (text[close + 1] === '"' && ++close);
    const inner = text.slice(open + 1, close);
    const start = this.#at;
    this.#at = close + 1;
    const rest = text.slice(this.#at, this.#end());
    if (open > start && rest.trim() !== "") {
      this.#at = start;
      return null;
    }
    this.#line += inner.includes("\n") || inner.includes("\r")
      ? lineBreaks(inner, 0, inner.length)
      : 0;
    this.#at += rest.length;
    if (rest.trim() !== "") stray.push(column);
    // Like Excel, append text after the closing quotation mark to the cell.
    return inner.replaceAll('""', '"') + rest.trimEnd();
  }

  #skipDelimiter(): boolean {
    const { length } = this.#delimiter ?? "";
    if (length === 0 || !this.#text.startsWith(this.#delimiter!, this.#at)) return false;
    this.#at += length;
    return true;
  }

  #skipLineBreak(): void {
    if (this.#text[this.#at] === "\r" && this.#text[this.#at + 1] === "\n") this.#at++;
    this.#at++;
    this.#line++;
  }
}

function find(text: string, what: string, from: number): number {
  const at = text.indexOf(what, from);
  return at === -1 ? Infinity : at;
}
