/** Progress, rate and remaining time of a batch. Pure. */
import { isTerminal } from "../../parallel/mod.ts";

/** Rows that ended per time span, newest span first. */
export type Pace = readonly { readonly from_ms: number; readonly rows: number }[];

/** The length of a span (ms). */
export const SPAN_MS = 5_000;
const MINUTE_MS = 60_000;
/** Rows needed to estimate a rate. */
const FEWEST_ROWS = 3;

/** The part of a batch's view that progress is computed from. */
interface Counted {
  readonly rows: number;
  /** Rows by status. */
  readonly counts: Readonly<Record<string, number>>;
  readonly state: string;
  readonly pace: Pace;
  readonly started_ms: number | null;
}

/** Progress of a batch. Unknown values are `null`. */
export interface BatchProgress {
  /** Rows that completed, failed or ended in another way. */
  readonly ended: number;
  /** 0 to 100. */
  readonly percent: number;
  /** Rate over the last minute, or since the first row was sent if that is later. */
  readonly rowsPerMinute: number | null;
  /** Estimated remaining time at this rate (ms). `null` while the first rows run: all may end at once. */
  readonly leftMs: number | null;
}

/** Computes the progress at `now` (Unix ms). */
export function progressOf(view: Counted, now: number): BatchProgress {
  const ended = Object.entries(view.counts)
    .reduce((sum, [status, rows]) => isOver(status) ? sum + rows : sum, 0);
  const left = view.rows - ended, { waiting = 0 } = view.counts;
  const rowsPerMinute = left === 0 || view.state === "paused" ? null : rateOf(view, now);
  return {
    ended,
    percent: view.rows === 0 ? 0 : Math.floor(100 * ended / view.rows),
    rowsPerMinute,
    leftMs: rowsPerMinute && ended > left - waiting ? left / rowsPerMinute * MINUTE_MS : null,
  };
}

/** Whether this status is final for a row. */
export function isOver(status: string): boolean {
  return isTerminal(status) || status === "deleted" || status === "lost";
}

function rateOf({ pace, started_ms }: Counted, now: number): number | null {
  const from = now - MINUTE_MS;
  const recent = pace.filter((span) => span.from_ms + SPAN_MS > from);
  const rows = recent.reduce((sum, span) => sum + span.rows, 0);
  if (started_ms === null || rows < FEWEST_ROWS) return null;
  const elapsed = now - Math.max(started_ms, from);
  return elapsed <= 0 ? null : rows / elapsed * MINUTE_MS;
}
