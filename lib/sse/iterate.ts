import { SSEError } from "./error.ts";
import { type Found, queued, type SSEEvent, type SSEParserOptions } from "./event.ts";
import { disposable, type Leavable } from "./leave.ts";
import { SSEParser } from "./parser.ts";
import type { ByteStream, ResponseLike } from "./response.ts";

/** What {@link parseSSE} reads: a body, a response, or any asynchronous chunks. */
export type SSESource = ByteStream | AsyncIterable<Uint8Array | string> | ResponseLike;

/** The parser's options, and what a loop over a body adds. */
export interface ParseSSEOptions extends Omit<SSEParserOptions, "onEvent"> {
  /** Ends the iteration with the signal's reason and cancels the body. */
  signal?: AbortSignal | null | undefined;
  /** Dispatch an unfinished event at the end of the stream: some servers omit the last newline. */
  flush?: boolean | undefined;
}

/** The events of a stream. */
export interface SSEEvents extends Leavable<SSEEvent> {
  /** The last event id so far, including ids of events without data. */
  readonly lastEventId: string;
}

/**
 * Yields the events of a body as they arrive.
 *
 * Leaving the loop cancels the body, and so aborts the request. The body is read only when the loop
 * asks for more, so a slow consumer slows the sender down. Callbacks are called in the order of the
 * stream, after the events before them.
 *
 * @throws SSEError of kind `limit`, after the events before the one that is too large. Throws the
 * signal's reason, and the body's errors. Throws at once: SSEError of kind `http` for a response that
 * is not `ok`, TypeError for a source that cannot be read, such as a string, a promise or a used body.
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

/** Yields the events of an open source. */
function iterate(source: Chunks, options: ParseSSEOptions): SSEEvents {
  const { signal } = options;
  // Events and callbacks that are parsed but not requested yet, from `at` on, and requests that wait
  // for an event. One of the two is always empty.
  let found: Found[] = [];
  let at = 0;
  const asking: ((step: Step | Promise<never>) => void)[] = [];
  let end: { error?: unknown } | undefined;
  const parser = new SSEParser(queued(options, (item) => found.push(item)));

  const close = async (how: { error?: unknown }): Promise<IteratorReturnResult<undefined>> => {
    end ??= how;
    signal?.removeEventListener("abort", abort);
    try {
      await source.return?.(how.error);
    } catch {
      // A body that failed fails again when it is cancelled. Report it only once.
    }
    return { done: true, value: undefined };
  };
  // Returns the next event, after calling the callbacks before it.
  const nextReady = (): SSEEvent | undefined => {
    try {
      for (;;) {
        const item = found[at++];
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
    for (let value; asking[0] && ((value = nextReady()) || end);) {
      asking.shift()!(
        value
          ? { done: false, value }
          : "error" in end!
          ? Promise.reject(end.error)
          : { done: true, value },
      );
    }
  };
  // Settles pending requests without waiting for the source, which may stay silent.
  const stop = (how: { error?: unknown }) => {
    found = [];
    const closed = close(how);
    give();
    return closed;
  };
  const abort = () => void stop({ error: signal!.reason });
  signal?.addEventListener("abort", abort);
  if (signal?.aborted) abort();

  // Runs while requests wait, and only once at a time.
  const read = async () => {
    while (asking[0]) {
      let how: { error?: unknown } | undefined;
      found = [];
      try {
        const chunk = await source.next();
        if (end) return;
        at = 0;
        if (chunk.done) {
          how = {};
          parser.end(options);
        } else parser.push(chunk.value!);
      } catch (error) {
        how = { error };
      }
      if (how) close(how);
      give();
    }
  };

  const events: Omit<SSEEvents, typeof Symbol.asyncDispose> = {
    get lastEventId() {
      return parser.lastEventId;
    },
    next: () => {
      // Avoid an async function for an event that is ready: it is most of a step's cost.
      const value = nextReady();
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

/** A source of chunks. `return` closes it. */
export interface Chunks<T = Uint8Array | string> {
  /** Whether it is a platform stream, which fails with a network error. */
  isStream?: boolean;
  next(): Promise<{ done?: boolean | undefined; value?: T | undefined }>;
  return?(reason?: unknown): unknown;
}

/** What a caller may pass in. Any member may be missing. */
type Unsure = Partial<ByteStream & AsyncIterable<Uint8Array | string> & ResponseLike> & {
  readonly readableEnded?: boolean;
  destroy?(): void;
};

/** Opens a source. */
export function open(source: SSESource): Chunks {
  const response: Unsure & ResponseLike = Object(source);
  const { body, bodyUsed, ok, status } = response;
  if (ok === false) throw new SSEError("http", "status " + status, { status, response });
  // Try the source first: an Express request has a `body` that is not a stream.
  for (const from of [source, body === null ? new Blob().stream() : body]) {
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
