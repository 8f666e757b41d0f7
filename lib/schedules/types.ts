/** What routes ask of schedules, and what they get. */
import type { ApiFailure, Monitor, MonitorProcessor } from "../parallel/mod.ts";
import type { Timing } from "./times.ts";

/** What a schedule repeats: a run's task, or all rows of a batch. */
export interface Target {
  readonly kind: "task" | "batch";
  /** The id of the run or batch that it was made from. */
  readonly id: string;
}

/** What a person decides about a schedule. */
export interface ScheduleSettings extends Timing {
  readonly name: string;
  /** The most that its runs may cost in a calendar month of its zone (US dollars). */
  readonly cap_usd: number;
  /** Nothing is told of its runs but changes. */
  readonly only_changes: boolean;
}

/** A schedule. */
export interface Schedule extends ScheduleSettings {
  readonly id: string;
  readonly created_ms: number;
  readonly target: Target;
  readonly processor: string;
  /** What one time costs: a run, or all rows (US dollars). */
  readonly price_usd: number;
  readonly simulated: boolean;
  readonly state: "active" | "paused";
  /** Why it is paused; `null` if it is not. */
  readonly reason: string | null;
  /** When it is due next (Unix ms); `null` if it is paused. */
  readonly next_ms: number | null;
  /** Times in a row that came to nothing. */
  readonly failures: number;
  /** The month that {@linkcode spent_usd} is of, as `2026-11`. */
  readonly month: string;
  readonly spent_usd: number;
}

/**
 * What became of one due time. `claimed`: a process has it and has sent nothing. `sending`: the request may be
 * on its way. `created`: there is a run or batch. `lost`: the answer was lost, so that there may be one.
 * `failed` and `skipped`: there is none.
 */
export type FiringState = "claimed" | "sending" | "created" | "lost" | "failed" | "skipped";

/** How the run or batch ended, and what is new in it. */
export interface FiringResult {
  /** The run's status; of a batch `completed` or `failed`; `deleted` if it is gone. */
  readonly status: string;
  readonly ended_ms: number;
  /** Fields that differ from the time before, of all; `null` if there is nothing to compare with. */
  readonly changed: number | null;
  readonly fields: number;
  /** The names of the first few that differ. */
  readonly names: readonly string[];
  /** The run or batch that it was compared with. */
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
  /** Why there is none. */
  readonly reason: string | null;
  readonly result: FiringResult | null;
}

/** Why a schedule was not made or changed. Nothing was sent. */
export type ScheduleProblem =
  /** The account has no such run or batch. */
  | "unknown"
  /** The price of the processor is not known, so that no cap can hold. */
  | "price"
  /** The account has as many schedules as it may have. */
  | "full"
  /** The sandbox runs nothing this often. */
  | "often"
  /** The sandbox repeats no batch this large. */
  | "large"
  /** One time alone costs more than the cap. */
  | "cap";

export type ScheduleOutcome =
  | { readonly ok: true; readonly schedule: Schedule }
  | { readonly ok: false; readonly problem: ScheduleProblem };

/** The most schedules of an account. */
export const MOST_SCHEDULES = 50;
/** Bounds of what the sandbox runs for nothing. */
export const SANDBOX = {
  schedules: 5,
  /** The shortest time between two runs (ms). */
  gapMs: 10 * 60_000,
  rows: 100,
  /** How long a schedule runs before someone has to resume it (ms). */
  untilMs: 3 * 86_400_000,
} as const;

/** Something to tell the account's owner, as `lib/notify` takes it. */
export interface ScheduleNotice {
  readonly type: "schedule.changed" | "schedule.paused" | "watch.changed";
  /** Names what happened: it is told once. */
  readonly id: string;
  /** The schedule's or watch's id. */
  readonly subject: string;
  readonly status: string;
  readonly at_ms: number;
  readonly content: {
    /** The page to open. */
    readonly path: string;
    readonly title: string;
    readonly cost_usd: number | null;
    readonly summary: string;
    readonly simulated: boolean;
  };
}

/** Returns what is to be written in the commit that makes the notice true. */
export type Tell = (
  account: string,
  notice: ScheduleNotice,
) => readonly Deno.KvMutation[] | Promise<readonly Deno.KvMutation[]>;

/** How often the API can look at a watched result, and in words. */
export const FREQUENCIES: readonly (readonly [frequency: string, words: string])[] = [
  ["1h", "hour"],
  ["6h", "6 hours"],
  ["1d", "day"],
  ["1w", "week"],
  ["30d", "30 days"],
];

/** What a person decides about a watch. */
export interface WatchSettings {
  readonly frequency: string;
  readonly processor: MonitorProcessor;
}

/** A monitor of the API as pages show it: made here, or elsewhere with the same key. */
export interface Watch extends Omit<Monitor, "metadata"> {
  readonly title: string;
}

/** Why a watch was not made. */
export type WatchProblem = "unknown" | "unfinished" | "full" | ApiFailure;

export type WatchOutcome =
  | { readonly ok: true; readonly id: string }
  | { readonly ok: false; readonly problem: WatchProblem };
