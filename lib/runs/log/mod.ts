/**
 * A run's log: head, lease, trace, and the one recorder that writes it.
 *
 * @module
 */
export {
  activeKey,
  type ActiveRun,
  activeRuns,
  leaveActive,
  readActive,
  readStopped,
  replaceKey,
  type RunKey,
  STOPPED_KEPT_MS,
  stoppedKey,
  unlockActive,
  withEachKey,
  withKey,
} from "./active.ts";
export type { Rechecked } from "./recheck.ts";
export { digestMutations, readDigest } from "./digest.ts";
export { endLost, endWith, stateOf } from "./ending.ts";
export {
  type Head,
  headKey,
  lacksEnd,
  readHead,
  readUnlessGone,
  type VersionedHead,
} from "./head.ts";
export {
  heldForMs,
  type LeaseContext,
  LeaseGrace,
  LeaseLostError,
  type StatusChange,
  type WriterContext,
} from "./lease.ts";
export {
  findRecord,
  ownedSecrets,
  readRecord,
  readSentInput,
  recordMutation,
  runKey,
  splitSecrets,
} from "./record.ts";
export { Recorders, type RecordersContext } from "./recorders.ts";
export { growingWaitMs, isPassing } from "./status_check.ts";
export { catchUpEnded, laggingKey, summaryWith } from "./summaries.ts";
export {
  batchEntry,
  batchLength,
  type EncodedEvent,
  encodeEvent,
  readOutput,
  readTrace,
  tracePrefixes,
  writeOutput,
} from "./trace.ts";
export { LogWriter, SHORT_CHARS } from "./writer.ts";
