/** Collects rows from a reader and enforces the limits as they arrive. */
import { count } from "../../base/mod.ts";
import { isBlank, mebibytes, type TableLimits, type TableProblem } from "../model/mod.ts";

/**
 * A table that cannot be read: `readTable` catches it and returns its problem. The message says what is wrong and
 * how to fix it.
 */
export class TableError extends Error {
  override name = "TableError";
  readonly line: number | null;
  readonly column: number | null;

  constructor(message: string, line: number | null = null, column: number | null = null) {
    super(message);
    this.line = line;
    this.column = column;
  }

  get problem(): TableProblem {
    return { message: this.message, line: this.line, column: this.column };
  }
}

/** A row before the header is known. Rows may differ in length. */
export interface RawRow {
  readonly line: number;
  readonly cells: string[];
  /** One letter per cell; absent if every cell is text. */
  readonly kinds?: string;
}

/** Rows allowed before the data: the header and a title above it. */
const HEADER_ROWS = 10;

/**
 * Collects rows and enforces the limits. Drops blank rows at the end: sheets often have formatting far below
 * the last value.
 */
export class RawRows {
  readonly rows: RawRow[] = [];
  readonly #limits: TableLimits;
  #blank: RawRow[] = [];
  #chars = 0;
  #cells = 0;

  constructor(limits: TableLimits) {
    this.#limits = limits;
  }

  /** @throws {TableError} if the table exceeds a limit. */
  add(row: RawRow): void {
    if (row.cells.every(isBlank)) {
      // With more blank rows, any later row would exceed the limit.
      if (this.#blank.length <= this.#limits.rows) this.#blank.push(row);
      return;
    }
    if (this.#blank.length > 0) {
      this.rows.push(...this.#blank);
      this.#blank = [];
    }
    this.rows.push(row);
    if (this.rows.length > this.#limits.rows + HEADER_ROWS) throw tooManyRows(this.#limits);
    this.#cells += row.cells.length;
    if (this.#cells > this.#limits.cells) {
      throw new TableError(
        `The table has more than ${count(this.#limits.cells)} cells. ` +
          "Split it, or delete the columns that the task does not need.",
        row.line,
      );
    }
    for (const [at, cell] of row.cells.entries()) {
      this.#chars += cell.length;
      if (cell.length > this.#limits.cellChars) {
        throw new TableError(
          `This cell has ${count(cell.length)} characters, more than the ${
            count(this.#limits.cellChars)
          } that a cell may have. Shorten it${
            cell.includes("\n")
              ? ", or close the quotation mark that opens here"
              : ", or leave the column out"
          }.`,
          row.line,
          at + 1,
        );
      }
    }
    // Cells of a workbook can share one long text.
    if (this.#chars > this.#limits.bytes) {
      throw new TableError(
        `The table's text adds up to more than ${mebibytes(this.#limits.bytes)}. ` +
          "Split it, or leave out columns with long texts.",
        row.line,
      );
    }
  }
}

export function tooManyRows({ rows }: TableLimits): TableError {
  return new TableError(
    `The table has more than ${count(rows)} rows. Split it into several files.`,
  );
}

/** A row has a value beyond the last allowed column. */
export function tooManyColumns(
  { columns }: Pick<TableLimits, "columns">,
  line: number,
): TableError {
  return new TableError(
    `This row has more than ${
      count(columns)
    } columns. Delete the columns that the task does not need.`,
    line,
    columns + 1,
  );
}
