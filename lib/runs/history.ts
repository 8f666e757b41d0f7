/**
 * Who may see a run, and each account's history: what it lists, finds and counts.
 *
 * @module
 */
export { changeHistory, joinHistory, leaveHistory } from "./history/entries.ts";
export type { HistoryWrite, JoinOptions } from "./history/entries.ts";
export { type Count, countMutations, goneCountsOf, keptCountsOf } from "./history/counters.ts";
export { purgingMutation } from "./history/purging.ts";
export { forgetHistory, moveSpent } from "./history/forget.ts";
export { countRuns } from "./history/total.ts";
export { historyKey, memberKey } from "./history/keys.ts";
export { type Member, readMember } from "./history/member.ts";
export { NO_FILTER, readHistory, readSummary, runsBefore } from "./history/page.ts";
export type { HistoryFilter, PageOptions } from "./history/page.ts";
export { outputTypeOf, titleOf } from "./history/request.ts";
