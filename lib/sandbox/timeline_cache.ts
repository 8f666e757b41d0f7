/** Timelines computed lately: a run is looked at many times, and each look would compute it anew. */
import { type RunSeed, type Timeline, timelineOf } from "./timeline.ts";

/** Runs kept; the largest ordinary one takes about 50 KB. */
const KEPT = 64;

/** The latest timelines. Losing one costs nothing but time, for they are pure. */
export class TimelineCache {
  readonly #timelines = new Map<string, Timeline>();

  /** The timeline of a run. */
  of(seed: RunSeed): Timeline {
    const key = `${seed.runId} ${seed.resumedUs}`;
    const kept = this.#timelines.get(key);
    const timeline = kept ?? timelineOf(seed);
    // Megabytes of a simulated fault are not worth keeping.
    if (timeline.faults.has("huge")) return timeline;
    this.#timelines.delete(key);
    this.#timelines.set(key, timeline);
    if (this.#timelines.size > KEPT) {
      const [oldest] = this.#timelines.keys();
      if (oldest !== undefined) this.#timelines.delete(oldest);
    }
    return timeline;
  }
}
