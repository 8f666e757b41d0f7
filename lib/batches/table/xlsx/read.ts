/** Reads the rows of a workbook's sheet. */
import type { SheetInfo, TableLimits } from "../../model/mod.ts";
import { type RawRow, RawRows, TableError } from "../raw.ts";
import { numberFormats } from "./number_format.ts";
import { readSheet, type SheetContext, type SheetFindings, spreadMerges } from "./sheet.ts";
import { readSharedStrings, readStyles, readWorkbook, type Sheet } from "./workbook.ts";
import { ZipFiles } from "./zip.ts";

export interface SheetRows extends Omit<SheetFindings, "merges"> {
  readonly rows: readonly RawRow[];
  readonly sheet: string;
  readonly sheets: readonly SheetInfo[];
  /** Cells filled with the value of their merged range. */
  readonly merged: number;
  /** Rows with a cell that spans several columns, such as a title. */
  readonly wideLines: ReadonlySet<number>;
}

/**
 * Reads the named sheet, or the first visible one with values.
 *
 * @throws {TableError}
 */
export async function readXlsx(
  bytes: Uint8Array,
  limits: TableLimits,
  wanted: string | null,
): Promise<SheetRows> {
  const files = new ZipFiles(bytes, limits.inflatedBytes);
  const { sheets, is1904, sharedStrings, styles } = await readWorkbook(files);
  const info = sheets.map(({ name, hidden }) => ({ name, hidden }));
  const context: SheetContext = {
    strings: sharedStrings === null ? [] : await readSharedStrings(files, sharedStrings, limits),
    show: styles === null
      ? numberFormats([], new Map(), is1904)
      : await readStyles(files, styles, is1904),
    limits,
  };
  for (const sheet of candidates(sheets, wanted)) {
    const rows = new RawRows(limits);
    let findings: SheetFindings;
    try {
      findings = await readSheet(files.read(sheet.path), context, (row) => rows.add(row));
    } catch (error) {
      throw error instanceof TableError && error.line !== null && sheets.length > 1
        ? new TableError(`${error.message} (Sheet “${sheet.name}”.)`, error.line, error.column)
        : error;
    }
    if (rows.rows.length === 0 && wanted === null) continue;
    const { merges, unsaved, hidden } = findings;
    const merged = spreadMerges(rows.rows, merges);
    const wide = merges.filter(({ columns: [first, last] }) => last > first);
    const wideLines = new Set(wide.map(({ rows: [first] }) => first));
    return { rows: rows.rows, sheet: sheet.name, sheets: info, merged, wideLines, unsaved, hidden };
  }
  throw new TableError(
    wanted === null
      ? "No sheet of the workbook has any values."
      : `The workbook has no sheet “${wanted}”. Choose one of its sheets.`,
  );
}

function candidates(sheets: readonly Sheet[], wanted: string | null): readonly Sheet[] {
  if (wanted !== null) return sheets.filter(({ name }) => name === wanted);
  return [...sheets.filter(({ hidden }) => !hidden), ...sheets.filter(({ hidden }) => hidden)];
}
