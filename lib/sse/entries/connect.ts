/**
 * A client that reconnects.
 *
 * @module
 */
export type { Found, SSEEvent, SSEParserOptions } from "../event.ts";
export { connectSSE } from "../connect.ts";
export { SSEError, type SSEErrorDetails, type SSEErrorKind } from "../error.ts";
export type { Closed, ConnectSSEInit, ConnectState, ReconnectPolicy } from "../init.ts";
export { followSSE } from "../follow.ts";
export { LeanParser } from "../lean_parser.ts";
export type { Leavable } from "../leave.ts";
export { ReplayFold } from "../replay.ts";
export type { Requests } from "../init.ts";
export type { ByteReader, ByteStream, ResponseLike } from "../response.ts";
export type { Network, Timers } from "../wait.ts";
