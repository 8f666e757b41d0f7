/** The recorded states of a group's open runs, and when to check which of them have started. */
import type { GroupStatus, TaskRun } from "../parallel/mod.ts";

/**
 * A group's events do not report that a run has started. The group is checked when the number of running runs
 * has changed: at least this long after the last check, and longer if the group has many open runs (ms).
 */
const CHECK_EVERY_MS = 5_000;
const CHECK_EVERY_MS_PER_RUN = 5;

/** States of open runs. */
export class RunStates {
  readonly #known = new Map<string, string>();
  #checkedMs = 0;
  #running = 0;

  /** Notes the time of a check (Unix ms). */
  checked(ms: number): void {
    this.#checkedMs = ms;
  }

  /** Returns whether the run's log does not have this state yet. */
  isNew({ run_id, status }: TaskRun): boolean {
    return (this.#known.get(run_id) ?? "queued") !== status;
  }

  /** Notes that the run's log has this state. */
  record({ run_id, status }: TaskRun): void {
    this.#known.set(run_id, status);
  }

  forget(runId: string): void {
    this.#known.delete(runId);
  }

  /** Returns whether runs may have started since the last check, and another check is due. */
  mayHaveStarted(
    { task_run_status_counts: { running = 0 } }: GroupStatus,
    open: number,
    now: number,
  ): boolean {
    const everyMs = Math.max(CHECK_EVERY_MS, CHECK_EVERY_MS_PER_RUN * open);
    if (running === this.#running || now - this.#checkedMs < everyMs) return false;
    this.#running = running;
    return true;
  }
}
