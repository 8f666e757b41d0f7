/** Runs of groups that have a recorder of their own all the same: their events were asked for, or somebody looks. */
import type { Recorders } from "../runs/mod.ts";

/** Runs of groups whose own streams this process reads at once. */
const AT_ONCE = 200;

/** Bounds them; who comes when all places are taken waits for one. */
export class Watched {
  readonly #recorders: () => Pick<Recorders, "start">;
  readonly #watched = new Set<string>();
  readonly #waiting = new Set<string>();

  constructor(recorders: () => Pick<Recorders, "start">) {
    this.#recorders = recorders;
  }

  /** Reads the run's own stream as soon as there is a place. */
  want(runId: string): void {
    if (this.#watched.has(runId)) return;
    this.#waiting.add(runId);
    this.#next();
  }

  /** A recorder of this process has ended, whatever run it was of. */
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
