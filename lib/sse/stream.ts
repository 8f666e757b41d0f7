import type { SSEEvent, SSEParserOptions } from "./event.ts";
import { SSEParser } from "./parser.ts";

/** The parser's options, and whether to dispatch an unfinished event at the end. */
export interface SSEParserStreamOptions extends Omit<SSEParserOptions, "onEvent"> {
  /** Dispatch an unfinished event at the end of the stream. */
  flush?: boolean | undefined;
}

/**
 * A `TransformStream` from bytes or strings to events. Bytes need no `TextDecoderStream` before it. It
 * passes backpressure on: it reads no chunk while the reader is behind.
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

/** The constructor of {@link SSEParserStream}. */
export interface SSEParserStreamConstructor {
  /** Makes a stream for one body. */
  new (options?: SSEParserStreamOptions): SSEParserStream;
}

/** A function marked as pure, so that bundles without it do not contain it. */
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
