/**
 * The summary of a whole log that pages show without reading it: the view and the timeline. The log's writer
 * updates and stores it. Pure.
 */
import type { LogEvent } from "./event.ts";
import { emptyTimeline, foldTimeline, type TimelineFold } from "./timeline.ts";
import { applyStored, emptyView, payloadOf, type RunView } from "./view.ts";

/** The fold of a log. */
export interface Digest {
  readonly view: RunView;
  readonly timeline: TimelineFold;
}

/** The digest of an empty log. The run was created at `startMs` (Unix ms). */
export function emptyDigest(startMs: number): Digest {
  return { view: emptyView(), timeline: emptyTimeline(startMs) };
}

/** Returns the digest after more events. Ignores IDs that it has already seen. */
export function digestEvents(events: Iterable<LogEvent>, from: Digest): Digest {
  let { view, timeline } = from;
  for (const event of events) {
    if (event.id <= view.lastId) continue;
    // Parsed once: a writer does this before each commit.
    const payload = payloadOf(event);
    view = applyStored(view, event, () => payload);
    timeline = foldTimeline(timeline, event, payload);
  }
  return { view, timeline };
}
