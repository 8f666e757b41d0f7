/** Group runs with their own recorder: their events were requested, or they are being watched. */
import type { Recorders } from "../runs/mod.ts";

/** The limit on these recorders per process. */
const AT_ONCE = 200;

/** Starts these recorders, up to a limit. Further runs wait. */
export class WatchedRuns {
  readonly #recorders: () => Pick<Recorders, "start">;
  readonly #watched = new Set<string>();
  readonly #waiting = new Set<string>();

  constructor(recorders: () => Pick<Recorders, "start">) {
    this.#recorders = recorders;
  }

  /** Opens the run's own stream as soon as there is a place. */
  want(runId: string): void {
    if (this.#watched.has(runId)) return;
    this.#waiting.add(runId);
    this.#next();
  }

  /** A recorder of this process has ended. */
  ended(runId: string): void {
    this.#waiting.delete(runId);
    if (this.#watched.delete(runId)) this.#next();
  }

  #next(): void {
    for (const runId of this.#waiting) {
      if (this.#watched.size >= AT_ONCE) return;
      this.#waiting.delete(runId);
      this.#watched.add(runId);
      this.#recorders().start(runId);
    }
  }
}
