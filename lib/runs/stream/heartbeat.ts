/**
 * What keeps a silent stream alive, and how long a silence may last. Shared by every stream of ours and
 * by the pages that read them.
 */

/**
 * A comment line without the blank line that often follows one: `@microsoft/fetch-event-source` takes a
 * blank line for an empty message, while the WHATWG parser needs none after a comment.
 */
export const HEARTBEAT_LINE = ": still here\n";

/** Heartbeats in a row that a network may lose before its silence means something. */
const MISSED_HEARTBEATS = 3;
/** A page that is busy drawing, or a slow network, may take this long (ms). */
const SHORTEST_IDLE_MS = 10_000;

/** The silence after which a reader may take a stream of ours for dead (ms). */
export function idleAfterMs(heartbeatMs: number): number {
  return Math.max(SHORTEST_IDLE_MS, MISSED_HEARTBEATS * heartbeatMs);
}
