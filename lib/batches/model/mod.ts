/**
 * The pure part of batches: tables, inputs, result cells and row states. Runs in a browser.
 *
 * @module
 */
export {
  inputChars,
  inputOf,
  type InputPlan,
  type InputProblem,
  inputProblems,
  type PlanChoice,
  planInputs,
} from "./inputs.ts";
export { type BatchLimits, mebibytes, TABLE_LIMITS, type TableLimits } from "./limits.ts";
export {
  BRIEF_CHARS,
  cellBriefs,
  columnsOfOutputs,
  isCutBrief,
  outputColumns,
  outputValue,
} from "./outputs.ts";
export { isOver, type Pace, progressOf } from "./pace.ts";
export { hasStatus, readRowQuery, type RowQuery, ROWS_PER_PAGE, writeRowQuery } from "./select.ts";
export { selectRows } from "./select_rows.ts";
export { type MatchedRows, matchRows, suggestSchemaFromColumns } from "./columns.ts";
export {
  blankRows,
  columnsOfExport,
  dropRows,
  duplicateRows,
  emptyColumns,
  isBlank,
  KIND_LETTERS,
  kindAt,
  letters,
  type NoteCode,
  placeOf,
  RepeatFinder,
  type SheetInfo,
  type Table,
  TABLE_FORMATS,
  type TableColumn,
  type TableFormat,
  type TableNote,
  type TableProblem,
  type TableRow,
} from "./table.ts";
export {
  failedSends,
  lowSends,
  openUsd,
  type RowPrice,
  type RowsToRerun,
  waitingUsd,
} from "./rerun.ts";
export {
  type BatchEvent,
  type BatchEventData,
  type BatchState,
  type CellBrief,
  type Confidence,
  type OutputColumn,
  type RowChange,
  TRIAL_DONE,
} from "./events.ts";
export {
  attemptAfter,
  firstAttempt,
  isFirstAttempt,
  newRow,
  type RowView,
  setOf,
  WAITING,
} from "./rows.ts";
export { type ColumnSet, firstOfPage, NO_CELL, pageOf } from "./sets.ts";
export {
  applyBatchEvent,
  type BatchView,
  columnPlace,
  emptyBatchView,
  mapRows,
  MAX_SETS,
  recounted,
  rowView,
  sendCounts,
  sendView,
} from "./view.ts";
