import type { SSEEvent, SSEParserOptions } from "./event.ts";
import { disposable, type Leavable } from "./leave.ts";
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
      let queue: TransformStreamDefaultController<SSEEvent>;
      // A loop takes the events of a chunk from here: without the stream's queue between, it is 2 times
      // as fast as one over eventsource-parser's stream from 16 KiB chunks, instead of 1.3 times.
      let ready: SSEEvent[] = [];
      let at = 0;
      let isLoop = false;
      // Reads of the loop that wait. The stream answers them.
      let waiting = 0;
      super({
        start(controller) {
          queue = controller;
          parser = new SSEParser({
            ...options,
            onEvent(event) {
              // Events stay in order: those in the queue from before the loop are read first.
              if (isLoop && !waiting && queue.desiredSize === 0) ready.push(event);
              else queue.enqueue(event);
              if (waiting) waiting--;
            },
          });
        },
        transform: (chunk) => parser.push(chunk),
        flush: () => void parser.end({ flush }),
      });

      const loop = () => {
        const reader = this.readable.getReader();
        isLoop = true;
        let isOver = false;
        const leave = (value?: undefined) => {
          isOver = true;
          ready = [];
          reader.releaseLock();
          return { done: true, value } as const;
        };
        const events: Omit<Leavable<SSEEvent>, typeof Symbol.asyncDispose> = {
          next(): Promise<IteratorResult<SSEEvent>> {
            const value = ready[at++];
            if (value) return Promise.resolve({ done: false, value });
            ready = [];
            at = 0;
            if (isOver) return Promise.resolve({ done: true, value });
            if (queue.desiredSize === 0) waiting++;
            return reader.read().then(
              (step) => step.done ? leave() : step,
              (error) => {
                leave();
                throw error;
              },
            );
          },
          async return() {
            if (!isOver) await reader.cancel();
            return leave();
          },
          [Symbol.asyncIterator]: () => events,
        };
        return disposable(events);
      };
      // Safari's streams have no loop of their own.
      Object.assign(this.readable, { [Symbol.asyncIterator]: loop });
    }
  };
}
