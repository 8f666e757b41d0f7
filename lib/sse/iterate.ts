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
  const { signal } = options;
  // What is parsed and not asked for yet, the next event last; and who asked for what is not here.
  // One of them is always empty.
  let found: SSEEvent[] = [];
  const asking: ((step: Step | Promise<never>) => void)[] = [];
  let end: { error?: unknown } | undefined;
  const parser = new SSEParser({ ...options, onEvent: (event) => found.push(event) });
  const chunks = "body" in source ? source.body ?? new Blob().stream() : source;
  const reader = "getReader" in chunks ? chunks.getReader() : chunks[Symbol.asyncIterator]();

  const give = () => {
    for (let value; asking[0] && ((value = found.pop()) || end);) {
      asking.shift()!(
        value
          ? { done: false, value }
          : "error" in end!
          ? Promise.reject(end.error)
          : { done: true, value },
      );
    }
  };
  const finish = async (how: { error?: unknown }): Promise<IteratorReturnResult<undefined>> => {
    end ??= how;
    signal?.removeEventListener("abort", abort);
    try {
      if ("read" in reader) {
        await reader.cancel(how.error);
        reader.releaseLock();
      } else await reader.return?.();
    } catch {
      // A body that failed says so again when cancelled; once is enough.
    }
    give();
    return { done: true, value: undefined };
  };
  // Ends who is asking without waiting for the source, which may be silent for ever.
  const stop = (how: { error?: unknown }) => {
    found = [];
    const finished = finish(how);
    give();
    return finished;
  };
  const abort = () => void stop({ error: signal!.reason });
  signal?.addEventListener("abort", abort);
  if (signal?.aborted) abort();

  // Runs while somebody is asking, and only once at a time.
  const read = async () => {
    while (asking[0]) {
      let how: { error?: unknown } | undefined;
      try {
        const chunk = await ("read" in reader ? reader.read() : reader.next());
        if (end) return;
        if (chunk.done) {
          how = {};
          parser.end(options);
        } else parser.push(chunk.value);
      } catch (error) {
        how = { error };
      }
      found.reverse();
      give();
      if (how) await finish(how);
    }
  };

  return {
    next: () => {
      // What is here already costs no async function, which is most of a step's price.
      const value = found.pop();
      if (value) return Promise.resolve({ done: false, value });
      return new Promise((resolve) => {
        if (asking.push(resolve) > 1 || end) give();
        else read();
      });
    },
    return: () => stop({}),
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

type Step = IteratorResult<SSEEvent, undefined>;
