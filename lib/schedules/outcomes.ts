/** Records the outcomes of a schedule's runs, and what changed since the previous one. */
import type { ClaimContext } from "./claims.ts";
import { changedWords, compareBatches, compareOutputs, type Comparison } from "./comparisons.ts";
import { corrected, noticeOf, pausedFor, withFailure } from "./changes.ts";
import {
  changeFiring,
  type FiringChange,
  readFirings,
  type StoredFiring,
  type StoredSchedule,
} from "./store.ts";
import type { FiringResult } from "./types.ts";

/** Earlier runs to search for a result to compare with. */
const MAX_BEFORE = 50;

/** A run or batch that ended. */
interface Ended {
  readonly status: string;
  readonly ended_ms: number;
  /** Why it failed; `null` if it did not. */
  readonly failure: string | null;
  /** Why the schedule must pause: the batch waits for its owner. `null` if it does not. */
  readonly stop: string | null;
  /** Its cost (US dollars). */
  readonly cost_usd: number;
  /** Compares it with an earlier run or batch; `null` if that one has no result. */
  readonly compareWith: (id: string) => Promise<Comparison | null>;
}

/** Stores the outcome of a due time if its run or batch has ended. Returns whether it has. */
export async function settle(
  context: ClaimContext,
  schedule: StoredSchedule,
  firing: StoredFiring,
): Promise<boolean> {
  const { run_id } = firing;
  if (run_id === null) return false;
  const ended = schedule.target.kind === "task"
    ? await endedRun(context, schedule, firing, run_id)
    : await endedBatch(context, schedule, run_id);
  if (ended === null) return false;
  const compared = ended.failure === null && ended.stop === null
    ? await compareBefore(context, schedule, firing, ended)
    : null;
  const result: FiringResult = {
    status: ended.status,
    ended_ms: ended.ended_ms,
    changed: compared?.changed ?? null,
    fields: compared?.fields ?? 0,
    names: compared?.names ?? [],
    compared_with: compared?.id ?? null,
  };
  return await changeFiring(context, schedule.id, firing.due_ms, async (now, current) => {
    if (current.state !== "created" || current.result !== null) return null;
    return await outcomeOf(context, now, { ...current, result }, ended);
  });
}

async function outcomeOf(
  context: ClaimContext,
  schedule: StoredSchedule,
  firing: StoredFiring,
  ended: Ended,
): Promise<FiringChange> {
  const { result } = firing;
  const refunded = corrected(
    schedule,
    firing,
    context.now(),
    ended.cost_usd - firing.price_usd,
  );
  if (ended.stop !== null) return { ...await pausedFor(context, refunded, ended.stop), firing };
  if (ended.failure !== null) {
    return { ...await withFailure(context, refunded, ended.failure), firing };
  }
  const done = { ...refunded, failures: 0 };
  if (result === null || result.changed === null || result.changed === 0) {
    return { schedule: done, firing };
  }
  const summary = changedWords(result, schedule.target.kind);
  const mutations = await context.notify(
    schedule.account,
    noticeOf(schedule, context.now(), {
      type: "schedule.changed",
      event: `changed.${firing.due_ms}`,
      status: "changed",
      summary,
    }),
  );
  return { schedule: done, firing, mutations };
}

async function endedRun(
  { now, runs }: ClaimContext,
  { account }: StoredSchedule,
  { price_usd }: StoredFiring,
  runId: string,
): Promise<Ended | null> {
  const request = await runs.request(account, runId);
  if (request === null) return gone(now(), price_usd);
  if (!request.ended) return null;
  const page = await runs.page(account, runId);
  if (page === null) return gone(now(), price_usd);
  const { status, error } = page.view;
  const isDone = status === "completed";
  const { output } = page;
  return {
    status,
    ended_ms: page.ended_ms ?? now(),
    failure: isDone ? null : error?.message ?? `Its run ended with status ${status}.`,
    stop: null,
    cost_usd: isDone ? price_usd : 0,
    compareWith: async (id) => {
      const before = (await runs.page(account, id))?.output ?? null;
      return before === null || output === null ? null : compareOutputs(before, output);
    },
  };
}

async function endedBatch(
  { batches, now, runs }: ClaimContext,
  { account, price_usd }: StoredSchedule,
  batchId: string,
): Promise<Ended | null> {
  const page = await batches.page(account, batchId);
  if (page === null) return gone(now(), price_usd);
  const { view } = page;
  if (view.state === "running" || view.state === "draft") return null;
  const isPaused = view.state === "paused";
  const completed = view.counts.completed ?? 0;
  return {
    status: isPaused ? "paused" : completed > 0 ? "completed" : "failed",
    ended_ms: view.changed_ms ?? now(),
    failure: completed > 0 || isPaused ? null : "No row of its batch has a result.",
    stop: isPaused ? `Its batch is paused. ${view.reason ?? ""}`.trim() : null,
    cost_usd: page.batch.simulated ? price_usd : view.spent_usd,
    compareWith: async (id) => {
      const before = await batches.page(account, id);
      if (before === null) return null;
      const output = async (runId: string) => (await runs.page(account, runId))?.output ?? null;
      return await compareBatches(before.view, view, output);
    },
  };
}

/** The outcome of a deleted run or batch. */
function gone(ms: number, cost_usd: number): Ended {
  return {
    status: "deleted",
    ended_ms: ms,
    failure: null,
    stop: null,
    cost_usd,
    compareWith: () => Promise.resolve(null),
  };
}

/** Compares with the newest earlier result, or with the run that the schedule repeats. */
async function compareBefore(
  { kv }: ClaimContext,
  { id, target }: StoredSchedule,
  { due_ms }: StoredFiring,
  { compareWith }: Ended,
): Promise<Comparison & { readonly id: string } | null> {
  for await (
    const { run_id, result } of readFirings(kv, id, { before: due_ms, limit: MAX_BEFORE })
  ) {
    if (run_id === null || result?.status !== "completed") continue;
    const compared = await compareWith(run_id);
    if (compared !== null) return { ...compared, id: run_id };
  }
  const compared = await compareWith(target.id);
  return compared === null ? null : { ...compared, id: target.id };
}
