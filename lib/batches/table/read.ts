/** Reads a table from an upload or a paste. */
import { inTurns } from "../../base/mod.ts";
import {
  KIND_LETTERS,
  mebibytes,
  type Table,
  TABLE_LIMITS,
  type TableFormat,
  type TableLimits,
  type TableNote,
  type TableProblem,
} from "../model/mod.ts";
import { unescapedCell } from "../../exports/mod.ts";
import { buildTable, type TableSource } from "./build.ts";
import { decodingText, pastedText } from "./decode.ts";
import { delimitedRows } from "./delimited.ts";
import { drawnRows, isDrawn } from "./drawn.ts";
import { type JsonRow, jsonRows } from "./json_rows.ts";
import { type RawRow, RawRows, TableError, tooManyColumns } from "./raw.ts";
import { sniffDelimiter, sniffFormat } from "./sniff.ts";
import { readXlsx, type SheetRows } from "./xlsx/read.ts";

/** Options for reading a table. Omitted options are detected. */
export interface ReadTableOptions {
  readonly format?: TableFormat | null;
  /** A known extension decides the format of a text. */
  readonly fileName?: string;
  /** The sheet to read. Default: the first visible sheet with values. */
  readonly sheet?: string | null;
  /** Whether the first row holds the headings. */
  readonly header?: boolean | null;
  readonly limits?: Partial<TableLimits>;
}

export type ReadTable =
  | { readonly ok: true; readonly table: Table }
  | { readonly ok: false; readonly problem: TableProblem; readonly format: TableFormat };

/**
 * Reads a table from an uploaded file's bytes or from pasted text, yielding to the event loop. A table that
 * cannot be read is a result, not an exception.
 */
export async function readTable(
  source: Uint8Array | string,
  options: ReadTableOptions = {},
): Promise<ReadTable> {
  const limits = { ...TABLE_LIMITS, ...options.limits };
  let format: TableFormat = options.format ?? "csv";
  try {
    // Each UTF-16 code unit takes at least one byte.
    if (source.length > limits.bytes) throw tooLarge(limits);
    if (typeof source !== "string" && refuseOther(source) === "xlsx") {
      format = "xlsx";
      return { ok: true, table: await workbookTable(source, options, limits) };
    }
    const { text, encoding, notes } = typeof source === "string"
      ? { text: pastedText(source), encoding: null, notes: [] }
      : await inTurns(decodingText(source));
    if (text.trim() === "") {
      throw new TableError("The table is empty. Choose a file, or paste some rows.");
    }
    if (/^\s*<(?:!doctype|html|table|\?xml)\b/i.test(text.slice(0, 1_000))) {
      throw new TableError(
        "This is a web page or XML, not a table. Open it in a spreadsheet program and save it as XLSX or CSV.",
      );
    }
    format = textFormat(text, options);
    const table = format === "json" || format === "ndjson"
      ? await jsonTable(text, format, { encoding, notes }, limits)
      : await delimitedTable(text, format, { encoding, notes, ...options }, limits);
    return { ok: true, table };
  } catch (error) {
    if (!(error instanceof TableError)) throw error;
    return { ok: false, problem: error.problem, format };
  }
}

function tooLarge({ bytes }: TableLimits): TableError {
  return new TableError(
    `The table is larger than ${mebibytes(bytes)}. ` +
      "Split it, or leave out columns that the task does not need.",
  );
}

/** Unsupported formats by their first bytes. */
const OTHERS: readonly (readonly [bytes: string, message: string])[] = [
  [
    "\xd0\xcf\x11\xe0",
    "This is an old Excel file (XLS), or a workbook with a password. Save it as XLSX without a password.",
  ],
  ["%PDF", "This is a PDF. Copy its table into a spreadsheet, and upload that as XLSX or CSV."],
  ["\x1f\x8b", "This is a GZIP archive. Unpack it and upload the file in it."],
  ["\x89PNG", "This is a picture. Upload the table as CSV, TSV, JSON, NDJSON or XLSX."],
  ["\xff\xd8\xff", "This is a picture. Upload the table as CSV, TSV, JSON, NDJSON or XLSX."],
  ["{\\rtf", "This is a text document (RTF). Save the table as CSV or XLSX."],
];

function refuseOther(bytes: Uint8Array): "xlsx" | null {
  const start = String.fromCharCode(...bytes.subarray(0, 8));
  if (start.startsWith("PK\x03\x04") || start.startsWith("PK\x05\x06")) return "xlsx";
  const other = OTHERS.find(([signature]) => start.startsWith(signature));
  if (other !== undefined) throw new TableError(other[1]);
  return null;
}

function textFormat(text: string, { format, fileName = "" }: ReadTableOptions) {
  if (format === "xlsx") {
    throw new TableError("This is text, not an XLSX workbook. Choose another format.");
  }
  return format ?? sniffFormat(text, fileName);
}

async function workbookTable(
  bytes: Uint8Array,
  options: ReadTableOptions,
  limits: TableLimits,
): Promise<Table> {
  if (options.format !== undefined && options.format !== null && options.format !== "xlsx") {
    throw new TableError("This is a workbook or an archive, not text. Choose the format XLSX.");
  }
  const read = await readXlsx(bytes, limits, options.sheet ?? null);
  const { rows, sheet, sheets } = read;
  return await buildTable(rows, {
    format: "xlsx",
    encoding: null,
    delimiter: null,
    sheet,
    sheets,
    notes: sheetNotes(read),
    names: null,
    header: options.header ?? null,
    wideLines: read.wideLines,
  }, limits);
}

function sheetNotes({ sheet, sheets, merged, hidden, unsaved }: SheetRows): TableNote[] {
  const notes: TableNote[] = [];
  if (sheets.length > 1) {
    notes.push(tableNote("sheet", `The sheet “${sheet}” was read, one of ${sheets.length}.`));
  }
  if (merged > 0) {
    const message = "Merged cells were copied into every row they span.";
    notes.push(tableNote("merged_cells", message, merged));
  }
  if (hidden !== null) {
    const message = "Hidden and filtered rows were read too.";
    notes.push({ code: "hidden_rows", message, ...hidden });
  }
  if (unsaved !== null) {
    const message = "Formulas without a saved value were read as empty cells. " +
      "Open the workbook in your spreadsheet program, save it and upload it again.";
    notes.push({ code: "unsaved_formulas", message, ...unsaved });
  }
  return notes;
}

interface TextContext extends Pick<TableSource, "encoding" | "notes"> {
  readonly header?: boolean | null;
}

async function delimitedTable(
  text: string,
  format: "csv" | "tsv",
  context: TextContext,
  limits: TableLimits,
): Promise<Table> {
  const drawn = isDrawn(text) ? await drawnRows(text, limits) : null;
  if (drawn !== null) return await drawnTable(drawn, context, limits);
  const found = sniffDelimiter(text);
  const delimiter = format === "tsv" && !found.isNamed ? "\t" : found.delimiter;
  const rows = new RawRows(limits);
  const stray: TableNote[] = [];
  const body = text.slice(found.offset);
  for await (const row of delimitedRows(body, delimiter, limits, found.isNamed ? 2 : 1)) {
    // Exports put an apostrophe before cells that a spreadsheet would run.
    rows.add({ line: row.line, cells: row.cells.map(unescapedCell) });
    if (row.stray !== undefined && stray.length === 0) {
      stray.push(strayNote(row.line, row.stray[0]!));
    }
  }
  return await buildTable(rows.rows, {
    format: delimiter === "\t" ? "tsv" : "csv",
    encoding: context.encoding,
    delimiter,
    sheet: null,
    sheets: [],
    notes: [...context.notes, ...stray],
    names: null,
    header: context.header ?? null,
  }, limits);
}

async function drawnTable(
  drawn: readonly RawRow[],
  { encoding, notes, header }: TextContext,
  limits: TableLimits,
): Promise<Table> {
  const rows = new RawRows(limits);
  for (const row of drawn) rows.add(row);
  return await buildTable(rows.rows, {
    format: "csv",
    encoding,
    delimiter: "|",
    sheet: null,
    sheets: [],
    notes,
    names: null,
    header: header ?? true,
  }, limits);
}

function strayNote(line: number, column: number): TableNote {
  return {
    code: "stray_quote",
    message: "A quoted cell has a quotation mark in the middle. " +
      "Check the cell; double every quotation mark inside quotes.",
    line,
    column,
    count: 1,
  };
}

async function jsonTable(
  text: string,
  format: "json" | "ndjson",
  context: TextContext,
  limits: TableLimits,
): Promise<Table> {
  const places = new Map<string, number>();
  const rows = new RawRows(limits);
  let isNamed = true;
  for await (const row of jsonRows(text, format, limits)) {
    isNamed = row.shape !== "list";
    rows.add(placed(row, places, limits));
  }
  return await buildTable(rows.rows, {
    format,
    encoding: context.encoding,
    delimiter: null,
    sheet: null,
    sheets: [],
    notes: context.notes,
    names: isNamed ? [...places.keys()] : null,
    header: context.header ?? null,
  }, limits);
}

/** Places a row's members in the columns of all rows, in order of first appearance. */
function placed(row: JsonRow, places: Map<string, number>, limits: TableLimits): RawRow {
  const cells: string[] = [], kinds: string[] = [];
  for (const [name, text, kind] of row.cells) {
    const at = row.shape === "list" ? Number(name) : places.get(name) ?? places.size;
    if (row.shape !== "list") places.set(name, at);
    if (at >= limits.columns) throw tooManyColumns(limits, row.line);
    while (cells.length < at) {
      cells.push("");
      kinds.push(KIND_LETTERS.text);
    }
    cells[at] = text;
    kinds[at] = kind;
  }
  const all = kinds.join("");
  return { line: row.line, cells, ...(/^t*$/.test(all) ? {} : { kinds: all }) };
}

function tableNote(code: TableNote["code"], message: string, count = 1): TableNote {
  return { code, message, line: null, column: null, count };
}
