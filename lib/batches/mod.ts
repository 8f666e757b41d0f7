/**
 * Batches: a table goes in, a table with evidence comes out.
 *
 * What is pure, and may run in a browser, is in `model/mod.ts`.
 *
 * @module
 */
export type { AnswerSet, BatchExport, BatchExportRow } from "./export/cells.ts";
export { batchReports, type ReportedRow } from "./export/reports.ts";
export { batchCsv, batchNdjson } from "./export/text.ts";
export { batchXlsx } from "./export/xlsx.ts";
export { type ReadTable, readTable, type ReadTableOptions } from "./table/read.ts";
