/**
 * Logs and lists as event streams: bounded, resumable, with heartbeats.
 *
 * @module
 */
export { Feed, type FeedContext } from "./feed.ts";
export { encodeEvent, HEARTBEAT } from "./frames.ts";
export { idleAfterMs } from "./heartbeat.ts";
export { hiding, publicPage } from "./public.ts";
export { publicStream } from "./public_stream.ts";
export { Relay, type RelayAnswer } from "./relay.ts";
export { STORE_AWAY, STORE_AWAY_NOTICE, StoreNotices } from "./store_notices.ts";
export type { Audience } from "./tail.ts";
export { Viewer, type ViewerSource } from "./viewer.ts";
