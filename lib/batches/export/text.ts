/** A batch as CSV and as lines of JSON: each row as soon as it is read. */
import { gathered, inTurns, paced } from "../../base/paced.ts";
import { jsonPieces } from "../../base/json_pieces.ts";
import { BYTE_ORDER_MARK, csvPieces } from "../../exports/csv.ts";
import { chunks } from "./chunks.ts";
import { type BatchExport, type BatchExportRow, headings, rowCells } from "./cells.ts";

/**
 * `table.csv`. What spreadsheets would run has an apostrophe before it, which reading the file again takes
 * away. `bom` tells Excel that the file is UTF-8.
 */
export function batchCsv(
  table: BatchExport,
  rows: AsyncIterable<BatchExportRow>,
  { bom = false }: { readonly bom?: boolean } = {},
): AsyncGenerator<string> {
  return chunks(csvRows(table, rows, bom));
}

async function* csvRows(
  table: BatchExport,
  rows: AsyncIterable<BatchExportRow>,
  bom: boolean,
): AsyncGenerator<string> {
  yield (bom ? BYTE_ORDER_MARK : "") + [...csvPieces([headings(table)])].join("");
  for await (const row of rows) {
    const cells = await inTurns(rowCells(table, row));
    yield* paced(csvPieces([cells.map(({ text }) => text)]));
  }
}

/** `rows.ndjson`: an object a row, with the same columns and their values. */
export function batchNdjson(
  table: BatchExport,
  rows: AsyncIterable<BatchExportRow>,
): AsyncGenerator<string> {
  return chunks(jsonLines(table, rows));
}

async function* jsonLines(
  table: BatchExport,
  rows: AsyncIterable<BatchExportRow>,
): AsyncGenerator<string> {
  const names = uniqueNames(table);
  for await (const row of rows) {
    const cells = await inTurns(rowCells(table, row));
    const line = Object.fromEntries(names.map((name, at) => [name, cells[at]!.value]));
    yield `${await inTurns(gathered(jsonPieces(line)))}\n`;
  }
}

/** An object has each name once, so that uploaded columns are called what the table calls them. */
function uniqueNames(table: BatchExport): string[] {
  const own = headings(table).slice(table.uploaded.length);
  return [...table.uploaded.map(({ name }) => name), ...own];
}
