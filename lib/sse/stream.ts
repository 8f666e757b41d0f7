import type { SSEEvent, SSEParserOptions } from "./event.ts";
import { SSEParser } from "./parser.ts";

/** The parser's options, and what becomes of an unfinished event at the end. */
export interface SSEParserStreamOptions extends Omit<SSEParserOptions, "onEvent"> {
  /** Dispatch the event the stream ended in the middle of. */
  flush?: boolean | undefined;
}

/**
 * A `TransformStream` from bytes (or strings) to events; bytes need no `TextDecoderStream` before
 * it. Backpressure goes through: no chunk is taken while the reader is behind.
 *
 * A line or event over its limit errors the stream with an {@link SSEError} of kind `limit`.
 *
 * @example
 * ```ts
 * import { SSEParserStream } from "./mod.ts";
 *
 * const body = new Response("data: 1\n\ndata: 2\n\n").body!;
 * const data: string[] = [];
 * for await (const event of body.pipeThrough(new SSEParserStream())) data.push(event.data);
 * // data is ["1", "2"]
 * ```
 */
export const SSEParserStream: SSEParserStreamConstructor = /* @__PURE__ */ define();
/** A stream from bytes or strings to events. */
export type SSEParserStream = TransformStream<Uint8Array | string, SSEEvent>;

/** What makes an {@link SSEParserStream}: `new SSEParserStream(options)`. */
export interface SSEParserStreamConstructor {
  /** Makes a stream for one body. */
  new (options?: SSEParserStreamOptions): SSEParserStream;
}

/** In a function marked pure so that a bundle without it does not carry it. */
function define(): SSEParserStreamConstructor {
  return class SSEParserStream extends TransformStream<Uint8Array | string, SSEEvent> {
    constructor({ flush, ...options }: SSEParserStreamOptions = {}) {
      let parser: SSEParser;
      super({
        start(controller) {
          parser = new SSEParser({
            ...options,
            onEvent: (event) => controller.enqueue(event),
          });
        },
        transform: (chunk) => parser.push(chunk),
        flush: () => void parser.end({ flush }),
      });
    }
  };
}
