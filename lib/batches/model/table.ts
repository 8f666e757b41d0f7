/** A table read from a file or a paste. Pure; runs in a browser. */

/** File formats of a table. */
export type TableFormat = "csv" | "tsv" | "json" | "ndjson" | "xlsx";

/** All table formats. */
export const TABLE_FORMATS: readonly TableFormat[] = ["csv", "tsv", "json", "ndjson", "xlsx"];

/** The type of a cell's value. Only formats with types give anything but `text`. */
export type CellKind = "text" | "number" | "boolean" | "date" | "json" | "error";

/** The letter that stands for a kind in {@linkcode TableRow.kinds}. */
export const KIND_LETTERS: Readonly<Record<CellKind, string>> = {
  text: "t",
  number: "n",
  boolean: "b",
  date: "d",
  json: "j",
  error: "e",
};

// Pages that read no table leave it out.
const KIND_OF_LETTER = /* @__PURE__ */ new Map(
  /* @__PURE__ */ (Object.entries(KIND_LETTERS) as [CellKind, string][])
    .map(([kind, letter]) => [letter, kind]),
);

/** One column. */
export interface TableColumn {
  /** Unique in its table and never empty. Used wherever the column is named. */
  readonly name: string;
  /** The original heading; `null` if the table has no header row. */
  readonly heading: string | null;
}

/** One uploaded row. */
export interface TableRow {
  /** Where the row begins: a line of a text or a row number of a sheet. From 1. */
  readonly line: number;
  /** One string per column; an empty cell is `""`. */
  readonly cells: readonly string[];
  /** One letter of {@linkcode KIND_LETTERS} per column; absent if every cell is text. */
  readonly kinds?: string;
}

/** A note about how a table was read. */
export interface TableNote {
  readonly code: NoteCode;
  readonly message: string;
  /** Line of the first occurrence; `null` for the whole table. */
  readonly line: number | null;
  /** From 1; `null` for the whole line. */
  readonly column: number | null;
  /** Number of occurrences. */
  readonly count: number;
}

export type NoteCode =
  | "encoding"
  | "sheet"
  | "no_header"
  | "title_skipped"
  | "empty_heading"
  | "duplicate_heading"
  | "long_rows"
  | "short_rows"
  | "blank_rows"
  | "duplicate_rows"
  | "totals_row"
  | "stray_quote"
  | "error_cells"
  | "merged_cells"
  | "unsaved_formulas"
  | "hidden_rows"
  | "replaced_characters";

/** Why a table cannot be used, and how to fix it. */
export interface TableProblem {
  readonly message: string;
  /** From 1; `null` for the whole file. */
  readonly line: number | null;
  /** From 1; `null` for the whole line. */
  readonly column: number | null;
}

/** A sheet of a workbook. */
export interface SheetInfo {
  readonly name: string;
  readonly hidden: boolean;
}

/** A table that was read. Serializable as JSON. */
export interface Table {
  readonly format: TableFormat;
  /** The character encoding of a text; `null` for a workbook. */
  readonly encoding: string | null;
  /** The delimiter of a text. */
  readonly delimiter: string | null;
  /** The name of the sheet that was read. */
  readonly sheet: string | null;
  readonly sheets: readonly SheetInfo[];
  /** The line of the headings; `null` if there are none. */
  readonly header_line: number | null;
  readonly columns: readonly TableColumn[];
  readonly rows: readonly TableRow[];
  readonly notes: readonly TableNote[];
  /** Index of the last row if it looks like a row of totals. */
  readonly totals_row: number | null;
}

/** Returns the type of a cell's value. */
export function kindAt(row: TableRow, column: number): CellKind {
  return KIND_OF_LETTER.get(row.kinds?.[column] ?? "t") ?? "text";
}

/** Whether a cell is empty or blank. */
export function isBlank(cell: string | undefined): boolean {
  return cell === undefined || /^[\s\p{Cf}]*$/u.test(cell);
}

/** Indexes of the blank rows. */
export function blankRows(table: Table): number[] {
  return table.rows.flatMap(({ cells }, at) => cells.every(isBlank) ? [at] : []);
}

/** Two rows with the same values. */
export interface Duplicate {
  readonly row: number;
  /** The first row with these values. */
  readonly first: number;
}

/** Finds rows that repeat an earlier one, row by row. Outer spaces do not count. */
export class RepeatFinder {
  readonly #table: Table;
  readonly #columns: readonly number[] | null;
  /** The first row of each hash. Keys with the full texts would double the memory. */
  readonly #first = new Map<number, number>();

  constructor(table: Table, columns: readonly number[] | null = null) {
    this.#table = table;
    this.#columns = columns;
  }

  /** Returns the earlier row that a row repeats, or `null` if there is none or the row is blank. */
  find(row: number): number | null {
    const values = this.#values(row);
    if (values.every((value) => value === "")) return null;
    const hash = hashOf(values);
    const first = this.#first.get(hash);
    if (first === undefined) {
      this.#first.set(hash, row);
      return null;
    }
    return this.#values(first).every((value, at) => value === values[at]) ? first : null;
  }

  #values(row: number): readonly string[] {
    const { cells } = this.#table.rows[row]!;
    return (this.#columns?.map((at) => cells[at] ?? "") ?? cells).map((cell) => cell.trim());
  }
}

/** A 53-bit hash (cyrb53) of the values and their lengths. A collision only hides a duplicate. */
function hashOf(values: readonly string[]): number {
  let high = 0xdeadbeef, low = 0x41c6ce57;
  const mix = (code: number) => {
    high = Math.imul(high ^ code, 2_654_435_761);
    low = Math.imul(low ^ code, 1_597_334_677);
  };
  for (const value of values) {
    mix(value.length);
    for (let at = 0; at < value.length; at++) mix(value.charCodeAt(at));
  }
  high = Math.imul(high ^ (high >>> 16), 2_246_822_507) ^
    Math.imul(low ^ (low >>> 13), 3_266_489_909);
  low = Math.imul(low ^ (low >>> 16), 2_246_822_507) ^
    Math.imul(high ^ (high >>> 13), 3_266_489_909);
  return 4_294_967_296 * (2_097_151 & low) + (high >>> 0);
}

/**
 * Finds rows that repeat an earlier one in all columns, or in the given ones. Blank rows do not count. Yields
 * after each row; run it with `inTurns` or `atOnce` from `lib/base/paced.ts`.
 */
export function* duplicateRows(
  table: Table,
  columns?: readonly number[],
): Generator<"", Duplicate[]> {
  const finder = new RepeatFinder(table, columns ?? null);
  const found: Duplicate[] = [];
  for (const row of table.rows.keys()) {
    const first = finder.find(row);
    if (first !== null) found.push({ row, first });
    yield "";
  }
  return found;
}

/** Returns the table without the given rows. */
export function dropRows(table: Table, rows: Iterable<number>): Table {
  const dropped = new Set(rows);
  if (dropped.size === 0) return table;
  return {
    ...table,
    rows: table.rows.filter((_, at) => !dropped.has(at)),
    totals_row: table.totals_row === null || dropped.has(table.totals_row)
      ? null
      : table.totals_row - [...dropped].filter((row) => row < table.totals_row!).length,
  };
}

/** Indexes of the columns with a heading and no value: candidates for the task's output. */
export function emptyColumns(table: Table): number[] {
  return table.columns.flatMap((column, at) =>
    column.heading?.trim() && table.rows.every(({ cells }) => isBlank(cells[at])) ? [at] : []
  );
}

/** The columns at the end of an export, in two lengths: simulated batches have one more. */
const EXPORT_ENDS = [["status", "error", "run_id"], ["status", "error", "run_id", "simulated"]];

/** What precedes the answers of earlier attempts. */
const BEFORE = "before: ";

/**
 * Indexes of the columns that an export of a batch adds to the uploaded ones, if the table is such an export:
 * the status of each row, and the answers with what they rest on. A column is an answer if the table also has
 * its confidence and sources, its earlier answer, or the uploaded column that it fills.
 */
export function columnsOfExport({ columns }: Pick<Table, "columns">): number[] {
  const names = columns.map(({ name }) => name);
  const end = EXPORT_ENDS.find((end) => names.slice(-end.length).join() === end.join());
  if (end === undefined) return [];
  const filling = new Set(names.map(asProperty).filter((name, at) => name !== names[at]));
  const answers = names.filter((name) =>
    names.includes(`${name} confidence`) && names.includes(`${name} sources`) ||
    names.includes(BEFORE + name) || filling.has(name) ||
    name.startsWith(BEFORE) && names.includes(name.slice(BEFORE.length))
  );
  const added = new Set(
    [...answers, ...answers.flatMap((name) => [`${name} confidence`, `${name} sources`]), ...end],
  );
  return names.flatMap((name, at) => added.has(name) ? [at] : []);
}

/** Returns roughly the name that a suggested schema gives a column. */
function asProperty(name: string): string {
  return name.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, "_");
}

/** Formats a place: `Line 12, column 3`. Sheets use rows and column letters. */
export function placeOf(
  format: TableFormat,
  { line, column }: { readonly line: number | null; readonly column: number | null },
): string {
  const isSheet = format === "xlsx";
  if (line === null) return column === null ? "" : `Column ${isSheet ? letters(column) : column}`;
  const row = `${isSheet ? "Row" : "Line"} ${line}`;
  return column === null ? row : `${row}, column ${isSheet ? letters(column) : column}`;
}

/** Returns a sheet column's letters: 1 is A, 28 is AB. */
export function letters(column: number): string {
  let text = "";
  for (let rest = column; rest > 0; rest = Math.floor((rest - 1) / 26)) {
    text = String.fromCharCode(65 + (rest - 1) % 26) + text;
  }
  return text;
}
