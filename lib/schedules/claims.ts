/**
 * Claims due times. A due time is claimed in the commit that moves the schedule to its next one, so only one
 * of two processes gets it. If a process dies before it marks the claim as sending, another one takes it
 * over.
 */
import type { Log } from "../base/mod.ts";
import { priceOf } from "../parallel/mod.ts";
import type { Runs } from "../runs/mod.ts";
import type { Batches } from "../batches/mod.ts";
import { capped, isOverCap, pausedFor, spending } from "./changes.ts";
import {
  changeFiring,
  changeSchedule,
  firingMutations,
  keys,
  type ScheduleChange,
  type StoreContext,
  type StoredFiring,
  type StoredSchedule,
} from "./store.ts";
import { nextTime } from "./times.ts";
import type { Notify } from "./types.ts";

/** Dependencies of claiming and sending. */
export interface ClaimContext extends StoreContext {
  readonly log: Log;
  /** Identifies this process. */
  readonly owner: string;
  /** Whether a process is known to have ended. */
  readonly isGone: (owner: string) => boolean;
  /** Decrypts a sealed API key. @throws {SealError} */
  readonly openKey: (sealed: string) => Promise<string>;
  /** The account that a key currently belongs to; `null` if none. */
  readonly accountOf: (apiKey: string) => Promise<string | null>;
  /** Whether a cost would exceed the account's monthly budget. */
  readonly isOverBudget: (account: string, usd: number) => Promise<boolean>;
  readonly runs: Pick<Runs, "page" | "request" | "rerun">;
  readonly batches: Pick<Batches, "page" | "repeat">;
  readonly notify: Notify;
}

/** Maximum time from a claim to its request (ms). */
const CLAIM_MS = 60_000;
/** Due times to keep per schedule. */
const KEPT = 100;

/** Claims a due time. Returns whether there is something to send. */
export async function claim(context: ClaimContext, id: string, dueMs: number): Promise<boolean> {
  const { kv, now, owner } = context;
  let isClaimed = false;
  const schedule = await changeSchedule(context, id, async (schedule) => {
    isClaimed = false;
    if (schedule.next_ms !== dueMs) return null;
    const found = await kv.get(keys.firing(id, dueMs));
    const at = now();
    if (schedule.until_ms !== null && at >= schedule.until_ms) {
      return await pausedFor(context, schedule, "The sandbox runs a schedule for only three days.");
    }
    const price_usd = await priceNow(context, schedule);
    const current = { ...spending(schedule, at), price_usd };
    const next_ms = nextTime(schedule, Math.max(at, dueMs));
    // The clock moved back after it was claimed.
    if (found.value !== null) return { schedule: { ...current, next_ms } };
    const firing: StoredFiring = {
      due_ms: dueMs,
      state: "claimed",
      sent_ms: null,
      run_id: null,
      price_usd,
      reason: null,
      result: null,
      owner,
      until_ms: at + CLAIM_MS,
      tries: 0,
    };
    const skipped = (reason: string): StoredFiring => ({ ...firing, state: "skipped", reason });
    const change = (next: StoredSchedule, firing: StoredFiring): ScheduleChange => ({
      schedule: next,
      checks: [found],
      mutations: firingMutations(id, firing),
    });
    if (isOverCap(schedule, at, price_usd)) {
      const { next_ms, reason } = capped(schedule, at);
      return change({ ...current, next_ms }, skipped(reason));
    }
    if (!schedule.simulated && await context.isOverBudget(schedule.account, price_usd)) {
      return change({ ...current, next_ms }, skipped("It would exceed your monthly budget."));
    }
    isClaimed = true;
    return change({ ...current, next_ms }, firing);
  });
  if (schedule === null || !isClaimed) return false;
  await trim(context, id);
  return true;
}

/** The current price of one firing (US dollars). The batch may have more rows now. */
async function priceNow(
  { batches }: ClaimContext,
  { account, price_usd, processor, target }: StoredSchedule,
): Promise<number> {
  const each = priceOf(processor);
  if (each === null) return price_usd;
  if (target.kind === "task") return each;
  const page = await batches.page(account, target.id);
  return page === null ? price_usd : each * page.view.rows;
}

/** Takes over a claim whose process is gone or late. */
export async function takeOver(context: ClaimContext, id: string, dueMs: number): Promise<boolean> {
  const { now, owner } = context;
  return await changeFiring(context, id, dueMs, (schedule, firing) => {
    if (firing.state !== "claimed" || !isFree(context, firing)) return null;
    return { schedule, firing: { ...firing, owner, until_ms: now() + CLAIM_MS } };
  });
}

/** Whether the process that holds a due time is gone or late. */
export function isFree(
  { isGone, now }: Pick<ClaimContext, "isGone" | "now">,
  { owner, until_ms }: StoredFiring,
): boolean {
  return until_ms <= now() || isGone(owner);
}

/** Removes all but the newest due times. */
async function trim({ kv, committer }: StoreContext, id: string): Promise<void> {
  const found = await Array.fromAsync(
    kv.list<StoredFiring>({ prefix: keys.firings(id) }, { reverse: true, limit: 2 * KEPT }),
  );
  const mutations = found.slice(KEPT).map(({ key }) => ({ type: "delete" as const, key }));
  if (mutations.length > 0) await committer.commit({ mutations });
}
