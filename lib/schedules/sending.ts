/**
 * Sends what a process has claimed. Right before the request goes out, a commit says so; after it, nothing is
 * sent again: the API bills each create and has no idempotency key.
 */
import { reasonOf } from "../base/mod.ts";
import { type ApiFailure, mayHaveCreated } from "../parallel/mod.ts";
import type { RunOwner } from "../runs/mod.ts";
import { isOutOfCredit, pausedFor, spending, withFailure } from "./changes.ts";
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

/** How long a request may take: the client gives up after 60 s (ms). */
const SENDING_MS = 180_000;
/** How often a create that was refused for the moment is tried, and the shortest wait between (ms). */
const TRIES = 5, RETRY_MS = 60_000;
/** Earlier runs of a schedule that may stand in for the one that it was made from. */
const MOST_SOURCES = 20;

/** Records that the process that sent a request died before it stored the answer. */
export async function giveUpSending(
  context: ClaimContext,
  id: string,
  dueMs: number,
): Promise<void> {
  const reason = "The server stopped before the answer was stored: it may have been created.";
  await changeFiring(context, id, dueMs, async (schedule, firing) => {
    if (firing.state !== "sending" || !isFree(context, firing)) return null;
    const lost: StoredFiring = { ...firing, state: "lost", reason };
    return { ...await withFailure(context, schedule, reason), firing: lost };
  });
}

/** Sends what this process has claimed, and stores what came of it. Never sends twice. */
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
  // The claim as it was read: if another process has taken it over since, its version differs.
  const sending = async () => isSent = await markSending(context, id, dueMs, claimed.check);
  const outcome = await repeat(context, schedule, sending);
  if (outcome === "gone" || outcome === "secrets") {
    const what = schedule.target.kind === "task" ? "task" : "batch";
    const reason = outcome === "gone"
      ? `The ${what} that it repeats was deleted.`
      : "Its key may not send the header values of the task’s MCP servers.";
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

/** The schedule cannot go on without a person: nothing was sent. */
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
      // This instance's own limit, or the schedule was paused meanwhile.
      if (schedule.state !== "active") {
        const reason = "It was paused before anything was sent.";
        return { schedule, firing: { ...firing, state: "skipped", reason } };
      }
      return await later(context, schedule, firing, failure);
    }
    if (firing.state !== "sending") return null;
    const refunded = isSent && !mayHaveCreated(failure)
      ? spending(schedule, now(), -firing.price_usd)
      : schedule;
    if (mayHaveCreated(failure)) {
      const reason = `${message}. It may have been created, and was not sent again.`;
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

/** A claim that is taken up again later, by whichever process is there. */
function waiting(firing: StoredFiring, untilMs: number): StoredFiring {
  const tries = firing.tries + 1;
  return { ...firing, state: "claimed", sent_ms: null, until_ms: untilMs, tries };
}

type Repeated =
  | { readonly ok: true; readonly id: string }
  | { readonly ok: false; readonly failure: ApiFailure }
  | "gone"
  | "secrets";

/** Runs the task or batch once more: from the one that the schedule was made from, or else from a later one. */
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
  for await (const { run_id } of readFirings(kv, id, { limit: MOST_SOURCES })) {
    if (run_id !== null) sources.push(run_id);
  }
  for (const source of sources) {
    if (target.kind === "task") {
      const outcome = await runs.rerun(owner, source, {
        idempotencyKey: null,
        source: "schedule",
        sending,
        // A run can end before the answer is stored here.
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

/** Says that the request is about to be sent. `false`: it must not be. */
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

/** Why the schedule's key cannot be used any more; `null` if it can. */
async function keyProblem(
  { accountOf, log, openKey }: ClaimContext,
  { account, sealed_key }: StoredSchedule,
): Promise<string | null> {
  let apiKey: string;
  try {
    apiKey = await openKey(sealed_key);
  } catch (error) {
    log("warn", "a schedule's key cannot be opened", { reason: reasonOf(error) });
    return "Its key cannot be decrypted any more. Resume it to use the key that you signed in with.";
  }
  return await accountOf(apiKey) === account ? null : KEY_REMOVED;
}

/** Why schedules pause whose key was removed. */
export const KEY_REMOVED =
  "The key that paid for it was removed from the account. Resume it to use another one.";
