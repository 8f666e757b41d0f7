/**
 * Who can see a run, and each account's history: lists, lookups and counts.
 *
 * @module
 */
export { Budgets, MAX_BUDGET_USD } from "./budget.ts";
export {
  type Change,
  latestPlace,
  parsePlace,
  readChanges,
  resumesFrom,
  writePlace,
} from "./changes.ts";
export {
  type Count,
  countListed,
  countMutations,
  countRuns,
  countsOf,
  dayOf,
  goneCountsOf,
  keptCountsOf,
  purgingMutation,
  readPurging,
} from "./counters.ts";
export {
  changeHistory,
  type HistoryWrite,
  indexMutations,
  joinHistory,
  leaveHistory,
  markUnindexed,
  outputTypeOf,
  summaryOf,
  titleOf,
} from "./entries.ts";
export { readFigures } from "./figures.ts";
export { forgetHistory, moveSpent } from "./forget.ts";
export {
  changesKey,
  facetPrefix,
  historyKey,
  historyPrefix,
  keyPart,
  type Member,
  memberKey,
  packPrefix,
  packsKey,
  type Position,
  readMember,
  termPrefix,
  termsKey,
  textKey,
  unindexedKey,
  unsearchableKey,
} from "./keys.ts";
export {
  comparePositions,
  countLines,
  type HistoryFilter,
  NO_FILTER,
  pageOf,
  type PageOptions,
  positionOf,
  readCursor,
  readHistory,
  readMany,
  readSummaries,
  readSummary,
  runsBefore,
  writeCursor,
} from "./page.ts";
