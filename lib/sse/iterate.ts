import { SSEError } from "./error.ts";
import type { Found, SSEEvent, SSEParserOptions } from "./event.ts";
import { disposable, type Leavable } from "./leave.ts";
import { SSEParser } from "./parser.ts";
import { queued } from "./queue.ts";
import type { ByteStream, ResponseLike } from "./response.ts";

/** What {@link parseSSE} reads: a body, a response, or any asynchronous chunks. */
export type SSESource = ByteStream | AsyncIterable<Uint8Array | string> | ResponseLike;

/** The parser's options, and what a loop over a body adds. */
export interface ParseSSEOptions extends Omit<SSEParserOptions, "onEvent"> {
  /** Ends the iteration with the signal's reason and cancels the body. */
  signal?: AbortSignal | null | undefined;
  /** Dispatch the event the stream ended in the middle of; some servers forget the last newline. */
  flush?: boolean | undefined;
}

/** The events of a stream. */
export interface SSEEvents extends Leavable<SSEEvent> {
  /** The id in force after what was read so far, also where an event without data has set it. */
  readonly lastEventId: string;
}

/**
 * The events of a body, as they come.
 *
 * Leaving the loop, by whatever way, cancels the body, which aborts the request behind it. Reads
 * only when asked for more, so a slow consumer slows the sender. Callbacks are called in the order
 * of the stream: after the events before them were taken.
 *
 * @throws SSEError of kind `limit` after the events before the one too large; the signal's reason;
 * whatever the body fails with. At once: SSEError of kind `http` for a response that is not `ok`,
 * TypeError for what cannot be read: a string, a promise, a body read before.
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
): SSEEvents {
  return iterate(open(source), options);
}

/** The events of what an opened source gives. */
function iterate(source: Chunks, options: ParseSSEOptions): SSEEvents {
  const { signal } = options;
  // What is parsed and not asked for yet, the next one last; and who asked for what is not here.
  // One of them has no event.
  let found: Found[] = [];
  const asking: ((step: Step | Promise<never>) => void)[] = [];
  let end: { error?: unknown } | undefined;
  const parser = new SSEParser(queued(options, (item) => found.push(item)));

  const close = async (how: { error?: unknown }): Promise<IteratorReturnResult<undefined>> => {
    end ??= how;
    signal?.removeEventListener("abort", abort);
    try {
      await source.return?.(how.error);
    } catch {
      // A body that failed says so again when cancelled; once is enough.
    }
    return { done: true, value: undefined };
  };
  // The next event, after the callbacks before it.
  const take = (): SSEEvent | undefined => {
    try {
      for (;;) {
        const item = found.pop();
        if (typeof item !== "function") return item;
        item();
      }
    } catch (error) {
      found = [];
      close({ error });
      return undefined;
    }
  };
  const give = () => {
    for (let value; asking[0] && ((value = take()) || end);) {
      asking.shift()!(
        value
          ? { done: false, value }
          : "error" in end!
          ? Promise.reject(end.error)
          : { done: true, value },
      );
    }
  };
  // Ends who is asking without waiting for the source, which may be silent for ever.
  const stop = (how: { error?: unknown }) => {
    found = [];
    const closed = close(how);
    give();
    return closed;
  };
  const abort = () => void stop({ error: signal!.reason });
  signal?.addEventListener("abort", abort);
  if (signal?.aborted) abort();

  // Runs while somebody is asking, and only once at a time.
  const read = async () => {
    while (asking[0]) {
      let how: { error?: unknown } | undefined;
      try {
        const chunk = await source.next();
        if (end) return;
        if (chunk.done) {
          how = {};
          parser.end(options);
        } else parser.push(chunk.value!);
      } catch (error) {
        how = { error };
      }
      found.reverse();
      if (how) close(how);
      give();
    }
  };

  const events: Omit<SSEEvents, typeof Symbol.asyncDispose> = {
    get lastEventId() {
      return parser.lastEventId;
    },
    next: () => {
      // What is here already costs no async function, which is most of a step's price.
      const value = take();
      if (value) return Promise.resolve({ done: false, value });
      return new Promise((resolve) => {
        if (asking.push(resolve) > 1 || end) give();
        else read();
      });
    },
    return: () => stop({}),
    [Symbol.asyncIterator]: () => events,
  };
  return disposable(events);
}

type Step = IteratorResult<SSEEvent, undefined>;

/** What is read chunk by chunk, until `return` lets go of it. */
export interface Chunks<T = Uint8Array | string> {
  /** Whether it is a stream of the platform, which breaks with an error of the network. */
  isStream?: boolean;
  next(): Promise<{ done?: boolean | undefined; value?: T | undefined }>;
  return?(reason?: unknown): unknown;
}

/** Whatever a caller may hand over: nothing of it is sure to be there. */
type Unsure = Partial<ByteStream & AsyncIterable<Uint8Array | string> & ResponseLike> & {
  readonly readableEnded?: boolean;
  destroy?(): void;
};

/** What reads a source chunk by chunk. */
export function open(source: SSESource): Chunks {
  const response: Unsure & ResponseLike = Object(source);
  const { body, bodyUsed, ok, status } = response;
  if (ok === false) throw new SSEError("http", "status " + status, { status, response });
  // The source first: an Express request has a `body` of its own making.
  for (const from of [source, body === null ? new Blob([]).stream() : body]) {
    const unsure: Unsure = Object(from);
    if (bodyUsed || unsure.readableEnded) break;
    if (unsure.getReader) {
      const reader = unsure.getReader();
      return {
        isStream: true,
        next: () => reader.read(),
        async return(reason) {
          await reader.cancel(reason);
          reader.releaseLock();
        },
      };
    }
    const chunks = unsure[Symbol.asyncIterator]?.();
    // A Node stream's iterator waits for the next chunk before it returns, and holds its socket.
    if (chunks) {
      return unsure.destroy
        ? { next: () => chunks.next(), return: () => unsure.destroy!() }
        : chunks;
    }
  }
  throw new TypeError("no stream, chunks or unread response; await a fetch");
}
