/**
 * Exports and imports histories as files.
 *
 * @module
 */
export { ArrivalError, createImports, type Imports } from "./arrival.ts";
export {
  chosenRequests,
  chosenRuns,
  everyRequest,
  everyRun,
  type Exporting,
  historyLines,
} from "./export.ts";
export { importHistory, type ImportReport } from "./import.ts";
export { runsCsv, sharedFields } from "./runs_csv.ts";
export { MAX_ZIPPED_RUNS, runsZip } from "./runs_zip.ts";
export { uploadedBytes, UploadError } from "./upload.ts";
