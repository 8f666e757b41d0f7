/** Records the outcomes of a schedule's runs, and what changed since the previous one. */
import { compareFields, MOST_LEAVES } from "../results/mod.ts";
import { type BatchView, rowView } from "../batches/model/mod.ts";
import type { ClaimContext } from "./claims.ts";
import { noticeOf, pausedFor, spending, withFailure } from "./changes.ts";
import {
  changeFiring,
  type FiringChange,
  readFirings,
  type StoredFiring,
  type StoredSchedule,
} from "./store.ts";
import type { FiringResult } from "./types.ts";

/** Earlier runs to search for a result to compare with. */
const MOST_BEFORE = 50;
/** Changed field names to keep, and maximum length of each (characters). */
const NAMES = 5, NAME_CHARS = 80;

/** The differences between two results. */
export interface Comparison {
  readonly changed: number;
  readonly fields: number;
  readonly names: readonly string[];
}

/** A run or batch that ended. */
interface Ended {
  readonly status: string;
  readonly ended_ms: number;
  /** Why it failed; `null` if it did not. */
  readonly failure: string | null;
  /** It waits for its owner, so the schedule pauses too. */
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
  const refunded = spending(schedule, context.now(), ended.cost_usd - firing.price_usd);
  if (ended.stop !== null) return { ...await pausedFor(context, refunded, ended.stop), firing };
  if (ended.failure !== null) {
    return { ...await withFailure(context, refunded, ended.failure), firing };
  }
  const done = { ...refunded, failures: 0 };
  if (result === null || result.changed === null || result.changed === 0) {
    return { schedule: done, firing };
  }
  const summary = changedWords(result);
  const mutations = await context.tell(
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

/** `2 of 6 fields changed`, with their names. */
export function changedWords({ changed, fields, names }: Comparison | FiringResult): string {
  if (changed === null) return "No earlier result to compare";
  const most = fields >= MOST_LEAVES ? "the first " : "";
  const share = `${changed} of ${most}${fields} ${fields === 1 ? "field" : "fields"} changed`;
  if (names.length === 0 || names.every((name) => name === "")) return share;
  return `${share}: ${names.join(", ")}${changed > names.length ? ", …" : ""}`;
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
      if (before === null || output === null) return null;
      const fields = compareFields([before, output]);
      const changed = fields.filter(({ differs }) => differs);
      return {
        changed: changed.length,
        fields: fields.length,
        names: changed.slice(0, NAMES).map(({ path }) => short(path)),
      };
    },
  };
}

async function endedBatch(
  { batches, now }: ClaimContext,
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
      return before === null ? null : compareBatches(before.view, view);
    },
  };
}

/** It was deleted, so its outcome stays unknown. */
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

/** Compares two batches of the same rows. Counts only rows that both have completed. */
export function compareBatches(before: BatchView, after: BatchView): Comparison | null {
  const columns = after.outputs.map(({ name }) => ({
    name,
    was: before.outputs.findIndex((each) => each.name === name),
  }));
  const names = new Set<string>();
  let changed = 0, fields = 0, rows = 0;
  for (let row = 1; row <= Math.min(before.rows, after.rows); row++) {
    const [old, now] = [rowView(before, row).cells, rowView(after, row).cells];
    if (old === null || now === null) continue;
    rows++;
    for (const [at, { name, was }] of columns.entries()) {
      const [one, other] = [old[was]?.text ?? "", now[at]?.text ?? ""];
      fields++;
      if (one === other) continue;
      changed++;
      if (names.size < NAMES) names.add(short(name));
    }
  }
  return rows === 0 ? null : { changed, fields, names: [...names] };
}

/** Compares with the newest earlier result, or with the run that the schedule repeats. */
async function compareBefore(
  { kv }: ClaimContext,
  { id, target }: StoredSchedule,
  { due_ms }: StoredFiring,
  { compareWith }: Ended,
): Promise<Comparison & { readonly id: string } | null> {
  for await (
    const { run_id, result } of readFirings(kv, id, { before: due_ms, limit: MOST_BEFORE })
  ) {
    if (run_id === null || result?.status !== "completed") continue;
    const compared = await compareWith(run_id);
    if (compared !== null) return { ...compared, id: run_id };
  }
  const compared = await compareWith(target.id);
  return compared === null ? null : { ...compared, id: target.id };
}

function short(name: string): string {
  return name.length > NAME_CHARS ? `${name.slice(0, NAME_CHARS - 1)}…` : name;
}
