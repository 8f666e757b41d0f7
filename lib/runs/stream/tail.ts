import type { Viewer, ViewerSource } from "./viewer.ts";

/** By whose right somebody watches, and through which share link, if any. */
export interface Audience {
  readonly account: string;
  readonly share: string | null;
}

/** The live end of one run's log, while somebody watches. */
export interface Tail extends ViewerSource {
  readonly viewers: Map<Viewer, Audience | undefined>;
  lastId: number;
  ended: boolean;
  lastSent: number;
  /** The local recorder publishes to this tail: no need to follow the head. */
  local: boolean;
  /** Its head is being followed. */
  following: boolean;
  /** The lease that was found to have run out (Unix ms), so that each is told once. */
  orphanedMs: number | null;
  /** The next heartbeat. */
  timer: unknown;
  readonly closed: AbortController;
}
