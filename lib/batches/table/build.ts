/** Builds a table from raw rows: finds the header, pads the rows and notes anything unusual. */
import { nextTurn } from "../../base/mod.ts";
import {
  isBlank,
  KIND_LETTERS,
  type NoteCode,
  RepeatFinder,
  type Table,
  type TableLimits,
  type TableNote,
  type TableRow,
} from "../model/mod.ts";
import { findHeader, nameColumns } from "./header.ts";
import { type RawRow, TableError, tooManyRows } from "./raw.ts";
import { hasTotalsRow } from "./totals.ts";

/** What a reader knows about a table apart from its rows. */
export interface TableSource
  extends Pick<Table, "format" | "encoding" | "delimiter" | "sheet" | "sheets"> {
  readonly notes: readonly TableNote[];
  /** Column names if the format has them (JSON); `null` if a row may be the header. */
  readonly names: readonly string[] | null;
  /** Whether the first row holds the headings; `null` to detect it. */
  readonly header: boolean | null;
  /** Lines with a cell that spans several columns. */
  readonly wideLines?: ReadonlySet<number>;
}

/** Cells to process before yielding to the event loop. */
const SLICE_CELLS = 100_000;

/** @throws {TableError} if there are no rows or too many. */
export async function buildTable(
  raw: readonly RawRow[],
  source: TableSource,
  limits: TableLimits,
): Promise<Table> {
  if (raw.length === 0) throw new TableError("The table has no rows.");
  const header = source.names === null
    ? findHeader(raw, source.header, source.wideLines)
    : { at: null, notes: [] };
  const body = header.at === null ? raw : raw.slice(header.at + 1);
  if (body.length === 0) {
    throw new TableError(
      "The table has headings but no rows. If the first row is data, choose “No headings”.",
      raw[0]!.line,
    );
  }
  if (body.length > limits.rows) throw tooManyRows(limits);
  const head = header.at === null ? null : raw[header.at]!;
  const width = Math.max(await usedWidth(raw.slice(header.at ?? 0)), source.names?.length ?? 0);
  const named = nameColumns(headingsOf(source, head, width, limits), head?.line ?? null);
  const rows: TableRow[] = [];
  const table: Table = {
    format: source.format,
    encoding: source.encoding,
    delimiter: source.delimiter,
    sheet: source.sheet,
    sheets: source.sheets,
    header_line: head?.line ?? null,
    columns: named.columns,
    rows,
    notes: [],
    totals_row: hasTotalsRow(body) ? body.length - 1 : null,
  };
  const odd = new OddRows(table, source.format === "xlsx" ? null : head);
  for await (const row of inTurns(body, width)) {
    rows.push(padded(row, width));
    odd.look(row, rows.length - 1);
  }
  return { ...table, notes: [...source.notes, ...header.notes, ...named.notes, ...odd.notes()] };
}

async function* inTurns(rows: readonly RawRow[], width: number): AsyncGenerator<RawRow> {
  const slice = Math.ceil(SLICE_CELLS / Math.max(width, 1));
  for (let at = 0; at < rows.length; at += slice) {
    await nextTurn();
    yield* rows.slice(at, at + slice);
  }
}

function headingsOf(
  { names }: TableSource,
  head: RawRow | null,
  width: number,
  { headingChars }: TableLimits,
): (string | null)[] {
  return Array.from({ length: width }, (_, at) => {
    const heading = names !== null ? names[at] ?? "" : head === null ? null : head.cells[at] ?? "";
    if (heading === null || heading.length <= headingChars) return heading;
    throw new TableError(
      `A heading has more than ${headingChars} characters. Does the first row hold headings?`,
      head?.line ?? null,
      at + 1,
    );
  });
}

/** Number of columns up to the last one with a value. */
async function usedWidth(rows: readonly RawRow[]): Promise<number> {
  let width = 0;
  for await (const { cells } of inTurns(rows, rows[0]!.cells.length)) {
    let used = cells.length;
    while (used > width && isBlank(cells[used - 1])) used--;
    width = Math.max(width, used);
  }
  return width;
}

function padded({ line, cells, kinds }: RawRow, width: number): TableRow {
  const square = cells.length === width
    ? cells
    : Array.from({ length: width }, (_, at) => cells[at] ?? "");
  if (kinds === undefined) return { line, cells: square };
  return { line, cells: square, kinds: kinds.slice(0, width).padEnd(width, KIND_LETTERS.text) };
}

/** Messages of the notes that count rows. */
const SENTENCES: readonly (readonly [code: NoteCode, sentence: (rows: Rows) => string])[] = [
  ["long_rows", (rows) =>
    `${rows("has", "have")} more cells than there are headings. ` +
    "A cell that contains the delimiter may lack its quotation marks."],
  [
    "short_rows",
    (rows) => `${rows("has", "have")} fewer cells than there are headings; the rest is empty.`,
  ],
  ["blank_rows", (rows) => `${rows("is", "are")} blank.`],
  ["duplicate_rows", (rows) => `${rows("repeats", "repeat")} an earlier one.`],
  ["error_cells", (rows) => `${rows("has", "have")} a formula that failed, such as #N/A.`],
];

type Rows = (one: string, many: string) => string;

/** Counts unusual rows. Each kind gives one note. */
class OddRows {
  readonly #table: Table;
  readonly #headings: number | null;
  readonly #repeats: RepeatFinder;
  readonly #found = new Map<NoteCode, Pick<TableNote, "line" | "column" | "count">>();

  /** Pass `null` as the header if row lengths carry no meaning. */
  constructor(table: Table, head: RawRow | null) {
    this.#table = table;
    this.#headings = head?.cells.length ?? null;
    this.#repeats = new RepeatFinder(table);
  }

  look({ line, cells, kinds }: RawRow, at: number): void {
    const headings = this.#headings ?? cells.length;
    if (cells.every(isBlank)) {
      this.#count("blank_rows", line);
      return;
    }
    if (cells.length < headings) this.#count("short_rows", line);
    if (cells.slice(headings).some((cell) => !isBlank(cell))) this.#count("long_rows", line);
    const error = kinds?.indexOf(KIND_LETTERS.error) ?? -1;
    if (error !== -1) this.#count("error_cells", line, error + 1);
    if (this.#repeats.find(at) !== null) this.#count("duplicate_rows", line);
  }

  #count(code: NoteCode, line: number, column: number | null = null): void {
    const known = this.#found.get(code) ?? { line, column, count: 0 };
    this.#found.set(code, { ...known, count: known.count + 1 });
  }

  notes(): TableNote[] {
    const { totals_row, rows } = this.#table;
    const notes = SENTENCES.flatMap(([code, sentence]) => {
      const found = this.#found.get(code);
      if (found === undefined) return [];
      const { count } = found;
      return [{
        ...found,
        code,
        message: sentence((one, many) => count === 1 ? `1 row ${one}` : `${count} rows ${many}`),
      }];
    });
    if (totals_row === null) return notes;
    return [...notes, {
      code: "totals_row",
      message: "The last row looks like totals, not an input.",
      line: rows[totals_row]!.line,
      column: null,
      count: 1,
    }];
  }
}
