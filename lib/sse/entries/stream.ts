/**
 * Events of a body, as an asynchronous iterator or as a `TransformStream`.
 *
 * @module
 */
export type { SSEEvent, SSEParserOptions } from "../event.ts";
export { SSEError, type SSEErrorDetails, type SSEErrorKind } from "../error.ts";
export { parseSSE, type ParseSSEOptions, type SSEEvents, type SSESource } from "../iterate.ts";
export type { Leavable } from "../leave.ts";
export type { ByteReader, ByteStream, ResponseLike } from "../response.ts";
export {
  SSEParserStream,
  type SSEParserStreamConstructor,
  type SSEParserStreamOptions,
} from "../stream.ts";
