/**
 * Logs and lists as event streams: bounded, resumable, with heartbeats.
 *
 * @module
 */
export {
  Channel,
  type OpenedStream,
  type StreamOutcome,
  Streams,
  type StreamsContext,
} from "./channel.ts";
export { followKey } from "./follow.ts";
export { idleAfterMs } from "./frames.ts";
export { ListStreams } from "./list.ts";
export { Relay } from "./relay.ts";
export { openStreamOf } from "./viewer.ts";
export { STORE_AWAY, STORE_AWAY_NOTICE, StoreNotices } from "./store_notices.ts";
