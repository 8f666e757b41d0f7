import type { SSEEvent } from "./event.ts";
import { SSEParser, type SSEParserOptions } from "./parser.ts";

/** What {@link parseSSE} reads: a body, a response, or any asynchronous chunks. */
export type SSESource =
  | ReadableStream<Uint8Array>
  | AsyncIterable<Uint8Array | string>
  | { readonly body: ReadableStream<Uint8Array> | null };

/** The parser's options, and what a loop over a body adds. */
export interface ParseSSEOptions extends Omit<SSEParserOptions, "onEvent"> {
  /** Ends the iteration with the signal's reason and cancels the body. */
  signal?: AbortSignal;
  /** Dispatch the event the stream ended in the middle of; some servers forget the last newline. */
  flush?: boolean;
  /** Called for each chunk before it is parsed: the connection is alive. */
  onChunk?: (chunk: Uint8Array | string) => void;
}

/**
 * The events of a body, as they come.
 *
 * Leaving the loop, by whatever way, cancels the body, which aborts the request behind it. Reads
 * only when asked for more, so a slow consumer slows the sender.
 *
 * @throws SSEError of kind `limit` after the events before the one too large; the signal's reason;
 * whatever the body fails with.
 *
 * @example
 * ```ts
 * import { parseSSE } from "./mod.ts";
 *
 * const response = new Response("event: greeting\ndata: hello\n\n");
 * for await (const event of parseSSE(response)) {
 *   // { id: "", event: "greeting", data: "hello" }
 *   if (event.event !== "greeting") throw new Error(event.event);
 * }
 * ```
 */
export function parseSSE(
  source: SSESource,
  options: ParseSSEOptions = {},
): AsyncIterableIterator<SSEEvent> {
  const { signal, flush, onChunk, ...rest } = options;
  const found: SSEEvent[] = [];
  let next = 0;
  let failure: { error: unknown } | undefined;
  let ended = false;
  const parser = new SSEParser({ ...rest, onEvent: (event) => void found.push(event) });
  const chunks = chunksOf("body" in source ? source.body : source);

  const close = async (reason?: unknown) => {
    ended = true;
    signal?.removeEventListener("abort", onAbort);
    await chunks.cancel(reason);
  };
  const onAbort = () => {
    failure ??= { error: signal!.reason };
    found.length = next = 0;
    close(signal!.reason).catch(() => {});
  };
  if (signal?.aborted) onAbort();
  else signal?.addEventListener("abort", onAbort);

  return {
    async next() {
      while (next === found.length) {
        if (failure) {
          const { error } = failure;
          failure = undefined;
          throw error;
        }
        if (ended) return { done: true, value: undefined };
        found.length = next = 0;
        try {
          const { done, value } = await chunks.read();
          if (ended) continue;
          if (done) {
            ended = true;
            signal?.removeEventListener("abort", onAbort);
            parser.end({ flush });
          } else {
            onChunk?.(value);
            parser.push(value);
          }
        } catch (error) {
          failure ??= { error };
          await close(error).catch(() => {});
        }
      }
      return { done: false, value: found[next++]! };
    },
    async return() {
      found.length = next = 0;
      if (!ended) await close();
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

interface Chunks {
  read(): Promise<IteratorResult<Uint8Array | string, unknown>>;
  cancel(reason?: unknown): Promise<unknown>;
}

function chunksOf(source: ReadableStream<Uint8Array> | AsyncIterable<Uint8Array | string> | null) {
  if (source && "getReader" in source) {
    const reader = source.getReader();
    return {
      read: () => reader.read() as Promise<IteratorResult<Uint8Array>>,
      async cancel(reason) {
        await reader.cancel(reason);
        reader.releaseLock();
      },
    } satisfies Chunks;
  }
  const iterator = source?.[Symbol.asyncIterator]();
  return {
    read: async () => await iterator?.next() ?? { done: true, value: undefined },
    cancel: async () => await iterator?.return?.(),
  } satisfies Chunks;
}
