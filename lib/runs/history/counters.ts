/**
 * Counters behind an account's figures: whole numbers per UTC day and processor, so the commit that
 * changes a run can update them. Pure.
 */
import { isActiveStatus, type RunSummary } from "../model/mod.ts";
import { counterKey, countersPrefix } from "./keys.ts";

/**
 * A run counts on the day it was created, whenever it ended, so no day has more successes than runs. Money is
 * in millionths of a dollar. `spent` is the cost of completed runs, `open` the expected cost of active runs
 * (day 0), `simulated` what sandbox runs would have cost, and `deleted` the cost of runs that left the
 * history. `listed` counts the lines of the list (day 0), without the rows of batches, by status instead of
 * processor. `unpriced` counts completed runs with an unknown price. `ms` is the total duration of `timed`
 * runs.
 */
export type CounterName =
  | "listed"
  | "runs"
  | "open"
  | "completed"
  | "failed"
  | "other"
  | "spent"
  | "unpriced"
  | "simulated"
  | "deleted"
  | "timed"
  | "ms";

/** A change to a counter. */
export interface Count {
  readonly day_ms: number;
  readonly name: CounterName;
  readonly processor: string;
  readonly amount: number;
}

const DAY_MS = 86_400_000;
const MICRO = 1_000_000;

/** The first millisecond of the UTC day that a time falls into. */
export function dayOf(ms: number): number {
  return Math.floor(ms / DAY_MS) * DAY_MS;
}

/** Converts to millionths of a dollar. */
function microDollars(usd: number): number {
  return Math.round(usd * MICRO);
}

/** The amounts that a run adds to its account's counters. */
export function countsOf(run: RunSummary): Count[] {
  const { processor, price_usd: price, simulated } = run;
  const counts: Count[] = [];
  const add = (dayMs: number, name: CounterName, amount: number) =>
    counts.push({ day_ms: dayMs, name, processor, amount });
  const day = dayOf(run.created_ms);
  if (run.batch === undefined) {
    counts.push({ day_ms: 0, name: "listed", processor: run.status, amount: 1 });
  }
  add(day, "runs", 1);
  if (isActiveStatus(run.status)) {
    if (price !== null && !simulated) add(0, "open", microDollars(price));
    return counts;
  }
  if (run.status !== "completed") {
    add(day, run.status === "failed" ? "failed" : "other", 1);
    return counts;
  }
  add(day, "completed", 1);
  if (price === null) add(day, "unpriced", 1);
  else add(day, simulated ? "simulated" : "spent", microDollars(price));
  const took = run.ended_ms === null ? 0 : run.ended_ms - run.created_ms;
  if (took > 0) {
    add(day, "timed", 1);
    add(day, "ms", took);
  }
  return counts;
}

/**
 * The amounts that stay counted when a run leaves the history but can still be restored. Its money is
 * spent either way, and an active run continues at the API, which cannot cancel it.
 */
export function keptCountsOf(run: RunSummary): Count[] {
  return countsOf(run).flatMap((count): Count[] => {
    if (count.name === "spent") return [{ ...count, name: "deleted" }];
    return count.name === "open" ? [count] : [];
  });
}

/**
 * The amounts that stay counted once a run is removed for good, by its last known status. An active run
 * counts as completed: it will be billed unless it fails, and its failure would not be noticed here.
 */
export function goneCountsOf(run: RunSummary, status = run.status): Count[] {
  return keptCountsOf({ ...run, status: isActiveStatus(status) ? "completed" : status });
}

/** The writes that subtract `less` from an account's counters and add `more`. */
export function countMutations(
  account: string,
  less: readonly Count[],
  more: readonly Count[],
): Deno.KvMutation[] {
  const deltas = new Map<string, Count>();
  const add = (count: Count, sign: 1 | -1) => {
    const name = [count.day_ms, count.name, count.processor].join("\0");
    const amount = (deltas.get(name)?.amount ?? 0) + sign * count.amount;
    deltas.set(name, { ...count, amount });
  };
  for (const count of less) add(count, -1);
  for (const count of more) add(count, 1);
  return [...deltas.values()].filter(({ amount }) => amount !== 0).map((count) => ({
    type: "sum",
    key: counterKey(account, count.day_ms, count.name, count.processor),
    // KV sums wrap at 2^64, so subtract by adding the complement.
    value: new Deno.KvU64(BigInt.asUintN(64, BigInt(count.amount))),
  }));
}

// The number of runs that an account has deleted but that are not purged yet. This module owns
// `["purging", account]`.
/** The write that adjusts this number, for the commit that deletes, restores or purges a run. */
export function purgingMutation(account: string, amount: 1 | -1): Deno.KvMutation {
  // KV sums wrap at 2^64, so subtract by adding the complement.
  const value = new Deno.KvU64(BigInt.asUintN(64, BigInt(amount)));
  return { type: "sum", key: ["purging", account], value };
}

/** Returns the number of an account's deleted runs that are still in the store. */
export async function readPurging(kv: Deno.Kv, account: string): Promise<number> {
  const { value } = await kv.get<Deno.KvU64>(["purging", account]);
  return Number(value?.value ?? 0n);
}

/** Returns the number of lines in an account's list, by status. */
export async function countListed(kv: Deno.Kv, account: string): Promise<Map<string, number>> {
  const counts = new Map<string, number>();
  const prefix = [...countersPrefix(account), 0, "listed" satisfies CounterName];
  for await (const { key, value } of kv.list<Deno.KvU64>({ prefix })) {
    const lines = Number(BigInt.asIntN(64, value.value));
    if (lines > 0) counts.set(String(key[4]), lines);
  }
  return counts;
}

// An account's run count comes from its counters, so it costs the same for a thousand runs as for a
// million.
/** Returns the number of runs in the account's history. */
export async function countRuns(kv: Deno.Kv, account: string): Promise<number> {
  const wanted: CounterName = "runs";
  let runs = 0n;
  for await (const { key, value } of kv.list<Deno.KvU64>({ prefix: countersPrefix(account) })) {
    if (key[3] === wanted) runs += BigInt.asIntN(64, value.value);
  }
  return Number(runs);
}
