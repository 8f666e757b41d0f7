/**
 * Runs: created, recorded, streamed, shown.
 *
 * @module
 */
export { forgetMoved, moveAllRuns } from "./move.ts";
export { RunsBefore } from "./runs_before.ts";
export { createRun, storeRun } from "./create.ts";
export type { CreateOptions, CreateOutcome, RunOwner } from "./create.ts";
export { Idempotency } from "./idempotency.ts";
export { type ActiveRun, activeRuns, readActive, readStopped } from "./active.ts";
export { idleAfterMs } from "./heartbeat.ts";
export { LeaseGrace } from "./lease.ts";
export { Recorders } from "./recorders.ts";
export { Relay } from "./relay.ts";
export type { RelayAnswer } from "./relay.ts";
export type { Audience } from "./tail.ts";
export { Runs } from "./runs.ts";
export { holderOf, type KeyHolder } from "./adopt.ts";
export type { RerunOptions } from "./rerun.ts";
export type { RunsContext } from "./runs.ts";
export { type Share, Shares } from "./share.ts";
export { STORE_AWAY, STORE_AWAY_NOTICE, StoreNotices } from "./store_notices.ts";
export { StreamSlots } from "./stream_slots.ts";
export { catchUpEnded } from "./summaries.ts";
export { retentionMs, Sweeper } from "./sweep.ts";
export { receiveWebhook } from "./webhook.ts";
export type { WebhookContext, WebhookOutcome } from "./webhook.ts";
export { deliverSimulated } from "./simulated_webhook.ts";
