/**
 * Who may see a run, and each account's history: what it lists, finds and counts.
 *
 * @module
 */
export { Budgets, MAX_BUDGET_USD } from "./budget.ts";
export {
  type Change,
  type ChangePlace,
  latestPlace,
  readChanges,
  readPlace,
  writePlace,
} from "./changes.ts";
export {
  type Count,
  countMutations,
  countsOf,
  dayOf,
  goneCountsOf,
  keptCountsOf,
} from "./counters.ts";
export {
  changeHistory,
  type HistoryWrite,
  indexMutations,
  joinHistory,
  type JoinOptions,
  leaveHistory,
  markUnindexed,
} from "./entries.ts";
export { readFigures } from "./figures.ts";
export { forgetHistory, moveSpent } from "./forget.ts";
export {
  changesKey,
  facetPrefix,
  historyKey,
  historyPrefix,
  memberKey,
  type Position,
  termPrefix,
  termsKey,
  textKey,
  unindexedKey,
  unsearchableKey,
} from "./keys.ts";
export { type Member, readMember } from "./member.ts";
export {
  type HistoryFilter,
  NO_FILTER,
  pageOf,
  type PageOptions,
  positionOf,
  readCursor,
  readHistory,
  readSummaries,
  readSummary,
  runsBefore,
  writeCursor,
} from "./page.ts";
export { purgingMutation, readPurging } from "./purging.ts";
export { outputTypeOf, titleOf } from "./request.ts";
export { countRuns } from "./total.ts";
