/** Caches recent timelines: a run is read many times, and each read would compute its timeline again. */
import { type RunSeed, type Timeline, timelineOf } from "./timeline.ts";

/** The number of cached runs. The largest ordinary one takes about 50 KB. */
const KEPT = 64;

/** The latest timelines. Losing one only costs time, because they are pure. */
export class TimelineCache {
  readonly #timelines = new Map<string, Timeline>();

  /** Returns the timeline of a run. */
  of(seed: RunSeed): Timeline {
    const key = `${seed.runId} ${seed.resumedUs}`;
    const kept = this.#timelines.get(key);
    const timeline = kept ?? timelineOf(seed);
    // Do not cache a simulated fault's megabytes.
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
