/** A batch as CSV and NDJSON, streamed row by row. */
import { inTurns, joinedPieces, jsonPieces, nextTurn, paced } from "../../base/mod.ts";
import { BYTE_ORDER_MARK, csvPieces } from "../../exports/mod.ts";
import {
  type BatchExport,
  type BatchExportRow,
  type ExportCell,
  headings,
  rowCells,
} from "./cells.ts";

const CHUNK_CHARS = 32 * 1024;

/**
 * `table.csv`. A cell that a spreadsheet would run as a formula gets an apostrophe; `readTable` removes it.
 * `bom` tells Excel that the file is UTF-8.
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

/** `rows.ndjson`: one object per row, with the same columns as typed values. */
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
    yield `${await inTurns(joinedPieces(linePieces(names, cells)))}\n`;
  }
}

/** An object would move names made of digits, such as years, to the front. */
function* linePieces(names: readonly string[], cells: readonly ExportCell[]): Generator<string> {
  for (const [at, name] of names.entries()) {
    yield `${at === 0 ? "{" : ","}${JSON.stringify(name)}:`;
    yield* jsonPieces(cells[at]!.value);
  }
  yield "}";
}

/** Object keys must be unique, so uploaded columns use their names instead of their headings. */
function uniqueNames(table: BatchExport): string[] {
  const own = headings(table).slice(table.uploaded.length);
  return [...table.uploaded.map(({ name }) => name), ...own];
}

/**
 * Yields the same text in larger chunks. The first piece is sent at once; each chunk yields to the event
 * loop.
 */
export async function* chunks(texts: AsyncIterable<string>): AsyncGenerator<string> {
  let chunk = "", isFirst = true;
  for await (const text of texts) {
    chunk += text;
    if (chunk.length < CHUNK_CHARS && !isFirst) continue;
    yield chunk;
    chunk = "";
    isFirst = false;
    await nextTurn();
  }
  if (chunk !== "") yield chunk;
}
