/**
 * Sends claimed due times. A commit marks the claim as sending right before the request. After that it is
 * never resent, because the API bills each create and has no idempotency key.
 */
import { reasonOf } from "../base/mod.ts";
import { type ApiFailure, mayHaveCreated } from "../parallel/mod.ts";
import type { RunOwner } from "../runs/mod.ts";
import {
  capped,
  corrected,
  isOutOfCredit,
  isOverCap,
  pausedFor,
  spending,
  withFailure,
} from "./changes.ts";
import { type ClaimContext, isFree } from "./claims.ts";
import {
  changeFiring,
  type FiringChange,
  firingMutations,
  quietMutations,
  readFiring,
  readFirings,
  readSchedule,
  scheduleMutations,
  type StoredFiring,
  type StoredSchedule,
} from "./store.ts";

/** Maximum duration of a request (ms). The client gives up after 60 s. */
const SENDING_MS = 180_000;
/** How often to retry a temporarily rejected create, and the shortest delay between (ms). */
const TRIES = 5, RETRY_MS = 60_000;
/** Earlier runs of a schedule to try as replacements for its original run. */
const MAX_SOURCES = 20;

/** Records that a process died between sending a request and storing the response. */
export async function giveUpSending(
  context: ClaimContext,
  id: string,
  dueMs: number,
): Promise<void> {
  const reason =
    "The server stopped before the response was stored. The run may have been created.";
  await changeFiring(context, id, dueMs, async (schedule, firing) => {
    if (firing.state !== "sending" || !isFree(context, firing)) return null;
    const lost: StoredFiring = { ...firing, state: "lost", reason };
    return { ...await withFailure(context, schedule, reason), firing: lost };
  });
}

/** Sends a due time that this process has claimed, and stores the outcome. Never sends twice. */
export async function send(context: ClaimContext, id: string, dueMs: number): Promise<void> {
  const [found, claimed] = await Promise.all([
    readSchedule(context.kv, id),
    readFiring(context.kv, id, dueMs),
  ]);
  if (found === null || claimed === null) return;
  const { value: schedule } = found;
  const unusable = await keyProblem(context, schedule);
  if (unusable !== null) return await neverSent(context, id, dueMs, unusable);
  let isSent = false;
  // The claim as read. Its version differs if another process has taken it over since.
  const sending = async () => isSent = await markSending(context, id, dueMs, claimed.check);
  const outcome = await repeat(context, schedule, sending);
  if (outcome === "gone" || outcome === "secrets") {
    const what = schedule.target.kind === "task" ? "task" : "batch";
    const reason = outcome === "gone"
      ? `The ${what} that this schedule repeats was deleted.`
      : "Its key is not allowed to send the header values of the task’s MCP servers.";
    return await neverSent(context, id, dueMs, reason);
  }
  if (outcome.ok) {
    const stored = await changeFiring(context, id, dueMs, (schedule, firing) => ({
      schedule,
      firing: { ...firing, state: "created", run_id: outcome.id, reason: null },
      mutations: quietMutations(schedule, outcome.id),
    }));
    if (!stored) context.log("info", "a schedule was deleted while it ran", { run: outcome.id });
    return;
  }
  await refused(context, id, dueMs, { failure: outcome.failure, isSent });
}

/** Marks a due time as failed and pauses its schedule, because nothing could be sent. */
async function neverSent(
  context: ClaimContext,
  id: string,
  dueMs: number,
  reason: string,
): Promise<void> {
  await changeFiring(context, id, dueMs, async (schedule, firing) => {
    if (firing.state !== "claimed") return null;
    const failed: StoredFiring = { ...firing, state: "failed", reason };
    return { ...await pausedFor(context, schedule, reason), firing: failed };
  });
}

async function refused(
  context: ClaimContext,
  id: string,
  dueMs: number,
  { failure, isSent }: { readonly failure: ApiFailure; readonly isSent: boolean },
): Promise<void> {
  const { now } = context;
  const { kind, message, retryAfterSeconds, status } = failure;
  await changeFiring(context, id, dueMs, async (schedule, firing) => {
    if (firing.state === "claimed" && !isSent) {
      // This instance's limit, or the schedule was paused or its cap reached meanwhile.
      if (schedule.state !== "active") {
        const reason = "The schedule was paused before anything was sent.";
        return { schedule, firing: { ...firing, state: "skipped", reason } };
      }
      if (isOverCap(schedule, now(), firing.price_usd)) {
        const { reason } = capped(schedule, now());
        return { schedule, firing: { ...firing, state: "skipped", reason } };
      }
      return await later(context, schedule, firing, failure);
    }
    if (firing.state !== "sending") return null;
    const refunded = isSent && !mayHaveCreated(failure)
      ? corrected(schedule, firing, now(), -firing.price_usd)
      : schedule;
    if (mayHaveCreated(failure)) {
      const reason = `${message}. The run may have been created, so we did not send it again.`;
      const lost: StoredFiring = { ...firing, state: "lost", reason };
      return { ...await withFailure(context, refunded, reason), firing: lost };
    }
    if (status === 429 || status === 503 || kind === "unreachable") {
      const waitMs = Math.max(RETRY_MS, (retryAfterSeconds ?? 0) * 1000);
      if (firing.tries + 1 < TRIES) {
        return { schedule: refunded, firing: waiting(firing, now() + waitMs) };
      }
    }
    const failed: StoredFiring = { ...firing, state: "failed", sent_ms: null, reason: message };
    const change = isOutOfCredit(failure) || status === 401
      ? await pausedFor(context, refunded, message)
      : await withFailure(context, refunded, message);
    return { ...change, firing: failed };
  });
}

async function later(
  context: ClaimContext,
  schedule: StoredSchedule,
  firing: StoredFiring,
  { message, retryAfterSeconds }: ApiFailure,
): Promise<FiringChange> {
  if (firing.tries + 1 < TRIES) {
    const waitMs = Math.max(RETRY_MS, (retryAfterSeconds ?? 0) * 1000);
    return { schedule, firing: waiting(firing, context.now() + waitMs) };
  }
  const failed: StoredFiring = { ...firing, state: "failed", reason: message };
  return { ...await withFailure(context, schedule, message), firing: failed };
}

/** A claim to retry later, by any process. */
function waiting(firing: StoredFiring, untilMs: number): StoredFiring {
  const tries = firing.tries + 1;
  return { ...firing, state: "claimed", sent_ms: null, until_ms: untilMs, tries };
}

type Repeated =
  | { readonly ok: true; readonly id: string }
  | { readonly ok: false; readonly failure: ApiFailure }
  | "gone"
  | "secrets";

/** Runs the task or batch again, from the schedule's original run or else from a later one. */
async function repeat(
  { kv, batches, runs }: ClaimContext,
  schedule: StoredSchedule,
  sending: () => Promise<boolean>,
): Promise<Repeated> {
  const { id, name, target } = schedule;
  const owner: RunOwner = {
    id: schedule.account,
    sealedKey: schedule.sealed_key,
    ...schedule.client === null ? {} : { client: schedule.client },
  };
  const sources = [target.id];
  for await (const { run_id } of readFirings(kv, id, { limit: MAX_SOURCES })) {
    if (run_id !== null) sources.push(run_id);
  }
  for (const source of sources) {
    if (target.kind === "task") {
      const outcome = await runs.rerun(owner, source, {
        idempotencyKey: null,
        source: "schedule",
        sending,
        // The run may end before its due time is stored as created.
        storedWith: (runId) => quietMutations(schedule, runId),
      });
      if (outcome === null) continue;
      if (outcome === "secrets") return outcome;
      return outcome.ok ? { ok: true, id: outcome.runId } : outcome;
    }
    const outcome = await batches.repeat(owner, source, { name, sending });
    if (outcome !== null) return outcome.ok ? { ok: true, id: outcome.batchId } : outcome;
  }
  return "gone";
}

/** Marks the request as about to be sent. `false`: do not send it. */
async function markSending(
  context: ClaimContext,
  id: string,
  dueMs: number,
  claimed: Deno.AtomicCheck,
): Promise<boolean> {
  const { committer, kv, now } = context;
  for (;;) {
    const [found, firing] = await Promise.all([readSchedule(kv, id), readFiring(kv, id, dueMs)]);
    if (found === null || firing === null || found.value.state !== "active") return false;
    if (firing.check.versionstamp !== claimed.versionstamp) return false;
    const { value: schedule } = found;
    // Later due times may have spent the cap since the claim, while the API rejected this one temporarily.
    if (isOverCap(schedule, now(), firing.value.price_usd)) return false;
    const sent: StoredFiring = {
      ...firing.value,
      state: "sending",
      sent_ms: now(),
      until_ms: now() + SENDING_MS,
    };
    const { ok } = await committer.commit({
      checks: [found.check, firing.check],
      mutations: [
        ...scheduleMutations(schedule, spending(schedule, now(), firing.value.price_usd)),
        ...firingMutations(id, sent),
      ],
    });
    if (ok) return true;
  }
}

/** Why the schedule's key can no longer be used; `null` if it can. */
async function keyProblem(
  { accountOf, log, openKey }: ClaimContext,
  { account, sealed_key }: StoredSchedule,
): Promise<string | null> {
  let apiKey: string;
  try {
    apiKey = await openKey(sealed_key);
  } catch (error) {
    log("warn", "a schedule's key cannot be opened", { reason: reasonOf(error) });
    return "Its key can no longer be decrypted. Resume it to use the key you signed in with.";
  }
  return await accountOf(apiKey) === account ? null : KEY_REMOVED;
}

/** The reason for pausing schedules whose key was removed. */
export const KEY_REMOVED = "Its key was removed from the account. Resume it to use another one.";
