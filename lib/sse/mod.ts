/**
 * Server-Sent Events: parsing, writing and following streams, to the letter of
 * https://html.spec.whatwg.org/multipage/server-sent-events.html. See README.md.
 *
 * @module
 */
export type { Found, SSEEvent, SSEParserOptions } from "./event.ts";
export { SSEError, type SSEErrorDetails, type SSEErrorKind } from "./error.ts";
export { SSEParser } from "./parser.ts";
export { LeanParser } from "./lean_parser.ts";
export { parseSSE, type ParseSSEOptions, type SSEEvents, type SSESource } from "./iterate.ts";
export type { Leavable } from "./leave.ts";
export type { ByteReader, ByteStream, ResponseLike } from "./response.ts";
export {
  SSEParserStream,
  type SSEParserStreamConstructor,
  type SSEParserStreamOptions,
} from "./stream.ts";
export { encodeSSE, encodeSSEBytes, type SSEOutput } from "./encode.ts";
export { connectSSE } from "./connect.ts";
export type { Closed, ConnectSSEInit, ConnectState, ReconnectPolicy } from "./init.ts";
export { followSSE } from "./follow.ts";
export type { Requests } from "./init.ts";
export { ReplayFold } from "./replay.ts";
export type { Network, Timers } from "./wait.ts";
export { type EventSourceLike, streamJSON, type StreamJSONOptions } from "./json.ts";
export type { StreamTokensOptions } from "./tokens.ts";
export { collect, streamTokens } from "./any_provider.ts";
export {
  type Collected,
  collectEvents,
  type CollectOptions,
  type Price,
  type Usage,
} from "./collect.ts";
export type { ToolCall } from "./tool_calls.ts";
export { detectProvider } from "./detect.ts";
export {
  anthropic,
  cohere,
  google,
  openai,
  parallel,
  type Path,
  type Provider,
  providers,
  type Rule,
  type ToolCallRule,
  type When,
} from "./providers/mod.ts";
