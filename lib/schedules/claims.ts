/**
 * Claims due times. A due time is claimed in the commit that moves the schedule to its next one, so that two
 * processes claim it once. A claim whose process died before it said that it sends is taken over.
 */
import type { Log } from "../base/mod.ts";
import { priceOf } from "../parallel/mod.ts";
import type { Runs } from "../runs/mod.ts";
import type { Batches } from "../batches/mod.ts";
import { pausedFor, spending } from "./changes.ts";
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
import { inZone, monthEnd, nextTime } from "./times.ts";
import type { Tell } from "./types.ts";

/** What claiming and sending need of the world. */
export interface ClaimContext extends StoreContext {
  readonly log: Log;
  /** Names this process. */
  readonly owner: string;
  /** Whether a process is known to have ended. */
  readonly isGone: (owner: string) => boolean;
  /** Decrypts a sealed API key. Throws `SealError`. */
  readonly openKey: (sealed: string) => Promise<string>;
  /** The account that a key opens now; `null`: none. */
  readonly accountOf: (apiKey: string) => Promise<string | null>;
  /** Whether a cost would exceed the account's monthly budget. */
  readonly isOverBudget: (account: string, usd: number) => Promise<boolean>;
  readonly runs: Pick<Runs, "page" | "request" | "rerun">;
  readonly batches: Pick<Batches, "page" | "repeat">;
  readonly tell: Tell;
}

/** How long a process may take from a claim to the request (ms). */
const CLAIM_MS = 60_000;
/** Due times that are kept of a schedule. */
const KEPT = 100;

/** Claims a due time. Resolves to whether there is something to send. */
export async function claim(context: ClaimContext, id: string, dueMs: number): Promise<boolean> {
  const { kv, now, owner } = context;
  let isClaimed = false;
  const schedule = await changeSchedule(context, id, async (schedule) => {
    isClaimed = false;
    if (schedule.next_ms !== dueMs) return null;
    const found = await kv.get(keys.firing(id, dueMs));
    const at = now();
    if (schedule.until_ms !== null && at >= schedule.until_ms) {
      return await pausedFor(context, schedule, "The sandbox runs a schedule for three days only.");
    }
    const price_usd = await priceNow(context, schedule);
    const current = { ...spending(schedule, at), price_usd };
    const next_ms = nextTime(schedule, Math.max(at, dueMs));
    // The clock went back after it was claimed.
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
    if (micro(current.spent_usd) + micro(price_usd) > micro(schedule.cap_usd)) {
      const month = monthEnd(at, schedule.zone);
      const reason = "The month’s cap is reached. It runs again from " +
        `${inZone(month + 1, schedule.zone)} ${schedule.zone} on.`;
      return change({ ...current, next_ms: nextTime(schedule, month) }, skipped(reason));
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

/** What one time costs now (US dollars): rows may have been added to the batch. */
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

/** Takes a claim over whose process is gone or late. */
export async function takeOver(context: ClaimContext, id: string, dueMs: number): Promise<boolean> {
  const { now, owner } = context;
  return await changeFiring(context, id, dueMs, (schedule, firing) => {
    if (firing.state !== "claimed" || !isFree(context, firing)) return null;
    return { schedule, firing: { ...firing, owner, until_ms: now() + CLAIM_MS } };
  });
}

/** Whether the process that has a due time is gone, or later than it may be. */
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

/** Sums of fractions of a cent are inexact in dollars. */
function micro(usd: number): number {
  return Math.round(usd * 1_000_000);
}
