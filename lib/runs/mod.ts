/**
 * Runs: created, recorded, streamed, shown.
 *
 * @module
 */
export { StreamSlots } from "../limits/mod.ts";
export {
  type HistoryFilter,
  joinHistory,
  MAX_BUDGET_USD,
  NO_FILTER,
  outputTypeOf,
  readHistory,
  termPrefix,
  textKey,
} from "./history/mod.ts";
export {
  type CreateOptions,
  type CreateOutcome,
  createRun,
  deliverSimulated,
  forgetMoved,
  Histories,
  holderOf,
  Idempotency,
  type ImportedRun,
  type ImportOutcome,
  indexHistories,
  type KeyHolder,
  moveAllRuns,
  type NewRun,
  receiveWebhook,
  recountHistories,
  type RerunOptions,
  retentionMs,
  type RunOwner,
  Runs,
  RunsBefore,
  type RunsContext,
  type Share,
  Shares,
  storeRun,
  Sweeper,
  type WebhookContext,
  type WebhookOutcome,
} from "./life/mod.ts";
export {
  type ActiveRun,
  activeRuns,
  catchUpEnded,
  endLost,
  endWith,
  growingWaitMs,
  heldForMs,
  isPassing,
  type LeaseContext,
  LeaseGrace,
  LogWriter,
  readActive,
  readHead,
  readStopped,
  Recorders,
  type RecordersContext,
  splitSecrets,
  stateOf,
  type WriterContext,
} from "./log/mod.ts";
export { indexTerms, KEPT, searchHistory, termsMutations } from "./search/mod.ts";
export {
  type Audience,
  idleAfterMs,
  Relay,
  type RelayAnswer,
  STORE_AWAY,
  STORE_AWAY_NOTICE,
  StoreNotices,
} from "./stream/mod.ts";
