/** Size limits of a table. Pure; runs in a browser. */

export interface TableLimits {
  /** Of the file or the pasted text. */
  readonly bytes: number;
  /** Without the header. */
  readonly rows: number;
  readonly columns: number;
  /** Rows times columns. Empty cells count because they take memory too. */
  readonly cells: number;
  /** UTF-16 code units of one cell. The API takes at most 25,000 for a whole input. */
  readonly cellChars: number;
  /** Characters of one heading. */
  readonly headingChars: number;
  /** Nesting depth of one JSON row. */
  readonly depth: number;
  /** Total uncompressed size of the workbook parts that are read (bytes). */
  readonly inflatedBytes: number;
}

/** What an instance may configure. */
export type BatchLimits = Pick<TableLimits, "rows" | "bytes">;

/** The default limits. */
export const TABLE_LIMITS: TableLimits = {
  bytes: 20 * 1024 * 1024,
  rows: 10_000,
  columns: 500,
  cells: 2_000_000,
  cellChars: 256 * 1024,
  headingChars: 500,
  depth: 500,
  inflatedBytes: 128 * 1024 * 1024,
};

/** Formats bytes: `20 MiB`. */
export function mebibytes(bytes: number): string {
  const value = bytes / (1024 * 1024);
  return `${Number.isInteger(value) ? value : value.toFixed(1)} MiB`;
}
