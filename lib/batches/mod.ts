/**
 * Batches: a table goes in, a table with evidence comes out.
 *
 * `model/mod.ts` is pure and also runs in a browser.
 *
 * @module
 */
export type { BatchExport, BatchExportRow } from "./export/cells.ts";
export { batchReports, type ReportedRow } from "./export/reports.ts";
export { batchCsv, batchNdjson } from "./export/text.ts";
export { batchXlsx } from "./export/xlsx.ts";
export { readTable, type ReadTableOptions } from "./table/read.ts";
export type { BatchService } from "./service/account_batches.ts";
export { Batches } from "./service/batches.ts";
export type { BatchesContext } from "./service/parts.ts";
export type { BatchStateChange } from "./service/log.ts";
export { Drafts } from "./service/drafts.ts";
export {
  type Batch,
  type BatchCommand,
  type BatchDownload,
  type BatchPage,
  type BatchSummary,
  type BatchTask,
  type CreateBatchOutcome,
  type Draft,
  type GroupAdoption,
  type NewBatch,
  type NewColumns,
  type NewDraft,
  RESERVED_METADATA,
  type UnsentDraft,
} from "./service/types.ts";
