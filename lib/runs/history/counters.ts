/**
 * What an account's figures count, as whole numbers by UTC day and processor, so that they can be
 * added to in the very commit that changes a run. Pure.
 */
import { isActiveStatus, type RunSummary } from "../model/mod.ts";
import { counterKey, countersPrefix } from "./keys.ts";

/**
 * Everything of a run is counted on the day it was created, whenever it ended: on any day there are no
 * more successes than runs. Money is in millionths of a dollar: `spent` by completed runs, `open` what
 * runs under way will cost (day 0), `simulated` what runs of the sandbox would have cost, `deleted` what
 * runs cost that are no longer in the history. `unpriced` counts completed runs whose price is not known.
 * `ms` is the time that `timed` runs took.
 */
export type CounterName =
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

/** An amount of a counter. */
export interface Count {
  readonly day_ms: number;
  readonly name: CounterName;
  readonly processor: string;
  readonly amount: number;
}

const DAY_MS = 86_400_000;
const MICRO = 1_000_000;

/** The first millisecond of the UTC day that a moment lies in. */
export function dayOf(ms: number): number {
  return Math.floor(ms / DAY_MS) * DAY_MS;
}

/** Millionths of a dollar. */
function microDollars(usd: number): number {
  return Math.round(usd * MICRO);
}

/** What one run adds to its account's counters. */
export function countsOf(run: RunSummary): Count[] {
  const { processor, price_usd: price, simulated } = run;
  const counts: Count[] = [];
  const add = (dayMs: number, name: CounterName, amount: number) =>
    counts.push({ day_ms: dayMs, name, processor, amount });
  const day = dayOf(run.created_ms);
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
 * What stays counted of a run that leaves the history and may still come back. Its money is spent all the
 * same, and one that is under way goes on at the API, which cannot be told to stop.
 */
export function keptCountsOf(run: RunSummary): Count[] {
  return countsOf(run).flatMap((count): Count[] => {
    if (count.name === "spent") return [{ ...count, name: "deleted" }];
    return count.name === "open" ? [count] : [];
  });
}

/**
 * What stays counted of a run that is gone for good, with the status that it was last known to have. One
 * that was still under way counts as completed: that is what it costs unless it fails, which nobody here
 * will hear of.
 */
export function goneCountsOf(run: RunSummary, status = run.status): Count[] {
  return keptCountsOf({ ...run, status: isActiveStatus(status) ? "completed" : status });
}

/** The writes that take `less` from an account's counters and add `more`. */
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
    // Sums of KV wrap around at 2^64: taking away is adding the complement.
    value: new Deno.KvU64(BigInt.asUintN(64, BigInt(count.amount))),
  }));
}

// How many runs an account has deleted that are not removed for good yet. This module owns
// `["purging", account]`.
/** The write that counts a run more or less, for the commit that deletes, restores or removes it. */
export function purgingMutation(account: string, amount: 1 | -1): Deno.KvMutation {
  // Sums of KV wrap around at 2^64: taking away is adding the complement.
  const value = new Deno.KvU64(BigInt.asUintN(64, BigInt(amount)));
  return { type: "sum", key: ["purging", account], value };
}

/** The runs that an account has deleted and that are still in the store. */
export async function readPurging(kv: Deno.Kv, account: string): Promise<number> {
  const { value } = await kv.get<Deno.KvU64>(["purging", account]);
  return Number(value?.value ?? 0n);
}

// How many runs an account has, from its counters: as quick for a thousand runs as for a million.
/** How many runs are in the account's history. */
export async function countRuns(kv: Deno.Kv, account: string): Promise<number> {
  const wanted: CounterName = "runs";
  let runs = 0n;
  for await (const { key, value } of kv.list<Deno.KvU64>({ prefix: countersPrefix(account) })) {
    if (key[3] === wanted) runs += BigInt.asIntN(64, value.value);
  }
  return Number(runs);
}
