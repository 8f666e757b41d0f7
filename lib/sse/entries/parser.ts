/**
 * The parser and the encoder.
 *
 * @module
 */
export type { SSEEvent, SSEParserOptions } from "../event.ts";
export { encodeSSE, encodeSSEBytes, type SSEOutput } from "../encode.ts";
export { SSEError, type SSEErrorDetails, type SSEErrorKind } from "../error.ts";
export { LeanParser } from "../lean_parser.ts";
export { SSEParser } from "../parser.ts";
export type { ByteReader, ByteStream, ResponseLike } from "../response.ts";
