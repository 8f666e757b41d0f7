/** In which state the open runs of a group are known to be, and when to look for those that have started. */
import type { GroupStatus, TaskRun } from "../parallel/mod.ts";

/**
 * A group's events do not tell that a run has started. It is looked at where the number of running ones has
 * changed, at least so long after the last look, and longer where there are many to look at (ms).
 */
const LOOK_EVERY_MS = 5_000;
const LOOK_EVERY_MS_A_RUN = 5;

/** States of open runs. */
export class States {
  readonly #known = new Map<string, string>();
  #lookedMs = 0;
  #running = 0;

  /** The group was looked at (Unix ms). */
  looked(ms: number): void {
    this.#lookedMs = ms;
  }

  /** Whether the log of a run has another state. */
  isNew({ run_id, status }: TaskRun): boolean {
    return (this.#known.get(run_id) ?? "queued") !== status;
  }

  /** The log of a run has this state. */
  recorded({ run_id, status }: TaskRun): void {
    this.#known.set(run_id, status);
  }

  forget(runId: string): void {
    this.#known.delete(runId);
  }

  /** Whether runs may have started that nobody has looked at lately. */
  hasStarts(
    { task_run_status_counts: { running = 0 } }: GroupStatus,
    open: number,
    now: number,
  ): boolean {
    const everyMs = Math.max(LOOK_EVERY_MS, LOOK_EVERY_MS_A_RUN * open);
    if (running === this.#running || now - this.#lookedMs < everyMs) return false;
    this.#running = running;
    return true;
  }
}
