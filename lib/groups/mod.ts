/**
 * Groups of runs: stores the runs that are added to them, and records them from the group's own streams.
 *
 * @module
 */
export type { FeedSource } from "./adopt.ts";
export { Feeders } from "./feeders.ts";
export { type Adding, Groups, type GroupsContext } from "./groups.ts";
export { WatchedRuns } from "./watched.ts";
