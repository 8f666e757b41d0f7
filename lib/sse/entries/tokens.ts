/**
 * The streams of LLM APIs: JSON payloads, text, whole answers.
 *
 * @module
 */
export type { SSEEvent, SSEParserOptions } from "../event.ts";
export {
  collect,
  type Collected,
  collectEvents,
  type CollectOptions,
  type Price,
  type Usage,
} from "../collect.ts";
export { SSEError, type SSEErrorDetails, type SSEErrorKind } from "../error.ts";
export type { ParseSSEOptions, SSESource } from "../iterate.ts";
export { type EventSourceLike, streamJSON, type StreamJSONOptions } from "../json.ts";
export type { Leavable } from "../leave.ts";
export type { Path, Provider, Rule, ToolCallRule, When } from "../providers/provider.ts";
export type { ByteReader, ByteStream, ResponseLike } from "../response.ts";
export { streamTokens, type StreamTokensOptions } from "../tokens.ts";
export type { ToolCall } from "../tool_calls.ts";
