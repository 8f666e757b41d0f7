/** The types of the schedule service. */
import type { ApiFailure, Monitor, MonitorProcessor } from "../parallel/mod.ts";
import type { Timing } from "./times.ts";

/** What a schedule repeats: a run's task, or all rows of a batch. */
export interface Target {
  readonly kind: "task" | "batch";
  /** The ID of the original run or batch. */
  readonly id: string;
}

/** The settings of a schedule. */
export interface ScheduleSettings extends Timing {
  readonly name: string;
  /** Maximum cost of its runs per calendar month in its zone (US dollars). */
  readonly cap_usd: number;
  /** Whether to notify only of changes. */
  readonly only_changes: boolean;
}

/** A schedule. */
export interface Schedule extends ScheduleSettings {
  readonly id: string;
  readonly created_ms: number;
  readonly target: Target;
  readonly processor: string;
  /** The price of one firing: a run or all rows (US dollars). */
  readonly price_usd: number;
  readonly simulated: boolean;
  readonly state: "active" | "paused";
  /** Why it is paused; `null` if it is not. */
  readonly reason: string | null;
  /** Next due time (Unix ms); `null` if it is paused. */
  readonly next_ms: number | null;
  /** Consecutive failures. */
  readonly failures: number;
  /** The month of {@linkcode spent_usd}, as `2026-11`. */
  readonly month: string;
  readonly spent_usd: number;
}

/**
 * The state of a due time. `claimed`: a process holds it and has sent nothing. `sending`: the request may be
 * in flight. `created`: there is a run or batch. `lost`: the response was lost, so there may be one. `failed`
 * and `skipped`: there is none.
 */
export type FiringState = "claimed" | "sending" | "created" | "lost" | "failed" | "skipped";

/** How the run or batch ended, and what changed. */
export interface FiringResult {
  /** The run's status; for a batch `completed` or `failed`; `deleted` if it is gone. */
  readonly status: string;
  readonly ended_ms: number;
  /** Number of fields that changed since the previous result; `null` if there is none to compare with. */
  readonly changed: number | null;
  readonly fields: number;
  /** The first few changed fields. */
  readonly names: readonly string[];
  /** The run or batch it was compared with. */
  readonly compared_with: string | null;
}

/** One due time of a schedule. */
export interface Firing {
  /** When it was due (Unix ms). */
  readonly due_ms: number;
  readonly state: FiringState;
  /** When the request was sent. */
  readonly sent_ms: number | null;
  /** The id of the run or batch. */
  readonly run_id: string | null;
  readonly price_usd: number;
  /** Why there is no run or batch. */
  readonly reason: string | null;
  readonly result: FiringResult | null;
}

/** Why a schedule was not created or changed. Nothing was sent. */
export type ScheduleProblem =
  /** The account has no such run or batch. */
  | "unknown"
  /** The processor's price is unknown, so a cap cannot be enforced. */
  | "price"
  /** The account has the maximum number of schedules. */
  | "full"
  /** Too frequent for the sandbox. */
  | "often"
  /** Too large a batch for the sandbox. */
  | "large"
  /** A single firing costs more than the cap. */
  | "cap";

export type ScheduleOutcome =
  | { readonly ok: true; readonly schedule: Schedule }
  | { readonly ok: false; readonly problem: ScheduleProblem };

/** Maximum schedules per account. */
export const MAX_SCHEDULES = 50;
/** Limits of free sandbox schedules. */
export const SANDBOX = {
  schedules: 5,
  /** Shortest interval between runs (ms). */
  gapMs: 10 * 60_000,
  rows: 100,
  /** How long a schedule runs before it must be resumed (ms). */
  untilMs: 3 * 86_400_000,
} as const;

/** A notification to the account's owner, as `lib/notify` accepts it. */
export interface ScheduleNotice {
  readonly type: "schedule.changed" | "schedule.paused" | "watch.changed";
  /** Identifies the event. Each ID is delivered once. */
  readonly id: string;
  /** The schedule's or watch's id. */
  readonly subject: string;
  readonly status: string;
  readonly at_ms: number;
  readonly content: {
    /** The page to open. */
    readonly path: string;
    readonly title: string;
    /** The run whose title it has instead, if the account still has it when the notice is sent. */
    readonly title_of?: string;
    readonly cost_usd: number | null;
    readonly summary: string;
    readonly simulated: boolean;
  };
}

/** Returns the writes for the commit of the reported change. */
export type Notify = (
  account: string,
  notice: ScheduleNotice,
) => readonly Deno.KvMutation[] | Promise<readonly Deno.KvMutation[]>;

/** How often the API can check a watched result, with labels. */
export const FREQUENCIES: readonly (readonly [frequency: string, words: string])[] = [
  ["1h", "hour"],
  ["6h", "6 hours"],
  ["1d", "day"],
  ["1w", "week"],
  ["30d", "30 days"],
];

/** The settings of a watch. */
export interface WatchSettings {
  readonly frequency: string;
  readonly processor: MonitorProcessor;
}

/** A monitor of the API as pages show it, created here or elsewhere with the same key. */
export interface Watch extends Omit<Monitor, "metadata"> {
  readonly title: string;
}

/** Why a watch was not created. */
export type WatchProblem = "unknown" | "unfinished" | "full" | ApiFailure;

export type WatchOutcome =
  | { readonly ok: true; readonly id: string }
  | { readonly ok: false; readonly problem: WatchProblem };
