/** Changes a schedule by the outcomes of its runs. */
import type { ApiFailure } from "../parallel/mod.ts";
import type { ScheduleChange, StoredFiring, StoredSchedule } from "./store.ts";
import { inZone, monthEnd, monthOf, nextTime } from "./times.ts";
import type { Notify, ScheduleNotice } from "./types.ts";

/** Consecutive failures before a schedule is paused. */
export const MAX_FAILURES = 3;

interface NotifyContext {
  readonly notify: Notify;
  readonly now: () => number;
}

/** Adds a cost to a schedule's current month (US dollars). */
export function spending(schedule: StoredSchedule, nowMs: number, usd = 0): StoredSchedule {
  const month = monthOf(nowMs, schedule.zone);
  const spent = month === schedule.month ? schedule.spent_usd : 0;
  const spent_usd = Math.max(0, Math.round((spent + usd) * 1_000_000) / 1_000_000);
  return { ...schedule, month, spent_usd };
}

/** Whether a cost would exceed the schedule's cap for the current month (US dollars). */
export function isOverCap(schedule: StoredSchedule, nowMs: number, usd: number): boolean {
  return micro(spending(schedule, nowMs).spent_usd) + micro(usd) > micro(schedule.cap_usd);
}

/** Why a due time was skipped for the cap, and the first due time of the next month (Unix ms). */
export function capped(schedule: StoredSchedule, nowMs: number) {
  const { zone } = schedule;
  const next_ms = nextTime(schedule, monthEnd(nowMs, zone));
  const next = next_ms === null ? "" : ` It resumes on ${inZone(next_ms, zone)} ${zone}.`;
  return { next_ms, reason: `The monthly cap is reached.${next}` };
}

/** Dollars cannot represent fractions of a cent exactly. */
function micro(usd: number): number {
  return Math.round(usd * 1_000_000);
}

/**
 * Corrects the cost of a firing (US dollars), if it was counted in the current month. A refund for an earlier
 * month must not make room in this one.
 */
export function corrected(
  schedule: StoredSchedule,
  { due_ms, sent_ms }: Pick<StoredFiring, "due_ms" | "sent_ms">,
  nowMs: number,
  usd: number,
): StoredSchedule {
  const isCurrent = monthOf(sent_ms ?? due_ms, schedule.zone) === monthOf(nowMs, schedule.zone);
  return spending(schedule, nowMs, isCurrent ? usd : 0);
}

/** Pauses a schedule and notifies its owner of the reason. */
export async function pausedFor(
  { now, notify }: NotifyContext,
  schedule: StoredSchedule,
  reason: string,
): Promise<ScheduleChange> {
  if (schedule.state === "paused") return { schedule };
  return {
    schedule: { ...schedule, state: "paused", reason, next_ms: null },
    mutations: await notify(
      schedule.account,
      noticeOf(schedule, now(), {
        type: "schedule.paused",
        event: `paused.${now()}`,
        status: "paused",
        summary: reason,
      }),
    ),
  };
}

/** Counts a failure. The third in a row pauses the schedule. */
export async function withFailure(
  context: NotifyContext,
  schedule: StoredSchedule,
  reason: string,
): Promise<ScheduleChange> {
  const counted = { ...schedule, failures: schedule.failures + 1 };
  if (counted.failures < MAX_FAILURES) return { schedule: counted };
  return await pausedFor(context, counted, `Three runs in a row failed. ${reason}`);
}

/** Whether the account is out of credit. */
export function isOutOfCredit({ status }: Pick<ApiFailure, "status">): boolean {
  return status === 402;
}

/** Builds a notice about a schedule. `event` identifies what happened. */
export function noticeOf(
  { id, name, price_usd, simulated }: StoredSchedule,
  at_ms: number,
  { event, type, status, summary }: Pick<ScheduleNotice, "type" | "status"> & {
    readonly event: string;
    readonly summary: string;
  },
): ScheduleNotice {
  const cost_usd = type === "schedule.paused" ? null : price_usd;
  const content = { path: `/schedules/${id}`, title: name, cost_usd, summary, simulated };
  return { type, id: `${id}.${event}`, subject: id, status, at_ms, content };
}
