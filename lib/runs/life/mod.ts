/**
 * A run's life cycle: create, adopt, import, share, delete, purge.
 *
 * @module
 */
export { holderOf, type KeyHolder } from "./adopt.ts";
export {
  type CreateOptions,
  type CreateOutcome,
  type NewRun,
  type RunOwner,
  storeRun,
} from "./create.ts";
export { Histories, type LineCounts, MAX_COUNTED } from "./histories.ts";
export { Idempotency } from "./idempotency.ts";
export type { ImportedRun, ImportOutcome } from "./import.ts";
export { MIGRATIONS } from "./migrate.ts";
export { forgetMoved, moveAllRuns } from "./move.ts";
export { readBrief, type RunBrief } from "./page.ts";
export { placeInBatch } from "./place_in_batch.ts";
export { hiding, publicPage } from "./public.ts";
export { Runs, type RunsContext } from "./runs.ts";
export { RunsBefore } from "./runs_before.ts";
export { type Share, Shares } from "./share.ts";
export { deliverSimulated } from "./simulated_webhook.ts";
export {
  deletedKey,
  readTombstone,
  removeRun,
  type Tombstone,
  type WrittenWith,
} from "./removal.ts";
export { retentionMs, Sweeper } from "./sweep.ts";
export { receiveWebhook, type WebhookContext, type WebhookOutcome } from "./webhook.ts";
export { inputAgain, type RerunOptions } from "./rerun.ts";
