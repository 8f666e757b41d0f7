import { refusal, SSEError } from "./error.ts";
import { PASSING } from "./failure.ts";
import { type Found, queued, type SSEEvent } from "./event.ts";
import { type Chunks, open, type ParseSSEOptions, type SSESource } from "./iterate.ts";
import { type Leavable, leavable } from "./leave.ts";
import { SSEParser } from "./parser.ts";
import { type ByteStream, PATIENCE_MS, type ResponseLike } from "./response.ts";
import { isSpent, quote } from "./server_message.ts";

/** How payloads are read. */
export interface StreamJSONOptions extends ParseSSEOptions {
  /**
   * `json`: every payload must be JSON. `text`: payloads are not parsed. `auto` (the default): a payload
   * that is not JSON is passed on as text, but one that begins like an object must be valid.
   */
  as?: "auto" | "json" | "text" | undefined;
}

/** A payload and the event it came in. */
export interface Payload {
  payload: unknown;
  event: SSEEvent;
}

/** The sources that an event stream can be read from. */
export type EventSourceLike = SSESource | AsyncIterable<SSEEvent> | ByteStream<SSEEvent>;

/**
 * Yields the JSON payloads of a stream, in order. `data: [DONE]` ends it and cancels the body. Empty data
 * is skipped. The payloads' type is not checked.
 *
 * @throws SSEError of kind `json` for a payload that `as` does not allow (`text` is the payload), `http`
 * or `content-type` for a response that is not an event stream. Throws the signal's reason.
 *
 * @example
 * ```ts
 * import { streamJSON } from "./mod.ts";
 *
 * const body = new Response('data: {"n":1}\n\ndata: {"n":2}\n\ndata: [DONE]\n\n');
 * const seen: number[] = [];
 * for await (const { n } of streamJSON<{ n: number }>(body)) seen.push(n); // 1, 2
 * ```
 */
export function streamJSON<T = unknown>(
  source: EventSourceLike,
  options: StreamJSONOptions = {},
): Leavable<T> {
  return leavable(options.signal, async function* (signal) {
    const items = payloads(events(source, { ...options, signal }), options.as);
    for await (const { payload } of items) yield payload as T;
  });
}

/** The payloads of events, each with its event. `onDone` is called at `[DONE]`. */
export async function* payloads(
  events: AsyncIterable<SSEEvent>,
  as: StreamJSONOptions["as"] = "auto",
  onDone?: () => void,
): AsyncGenerator<Payload, undefined> {
  for await (const event of events) {
    const data = event.data.trim();
    if (data === "[DONE]") {
      onDone?.();
      return;
    }
    // White space is not JSON, but may be a piece of text.
    if (as === "json" ? !data : !event.data) continue;
    yield { payload: as === "text" ? event.data : parse(event.data, as), event };
  }
}

function parse(data: string, as: "auto" | "json"): unknown {
  try {
    return JSON.parse(data);
  } catch (cause) {
    if (as === "auto" && !/^\s*\{/.test(data)) return data;
    throw new SSEError("json", "a payload is not JSON", { cause, text: data });
  }
}

type Item = Uint8Array | string | SSEEvent;

/** Unspecific types pass as an event stream: the content decides. */
const LENIENT = /^\s*(text\/(event-stream|plain)|.*octet-stream)?\s*(;|$)/i;

/** How the events of any source are read. */
export interface EventsOptions extends ParseSSEOptions {
  /** Called before the events that `flush` adds. */
  onEnd?: () => void;
}

/** Yields the events of any source: a stream of events, or chunks to parse. */
export async function* events(
  source: EventSourceLike,
  options: EventsOptions,
): AsyncGenerator<SSEEvent, undefined> {
  const { signal } = options;
  const response: Partial<ResponseLike> = Object(source);
  if (response.status !== undefined) {
    const error = refusal(source as ResponseLike, LENIENT);
    if (error) throw await quoted(error, response, signal);
  }
  const items = open(source as SSESource) as Chunks<Item>;
  const next = () => items.isStream ? items.next().catch(broken) : items.next();
  const found: Found[] = [];
  const parser = new SSEParser(queued(options, (item) => found.push(item)));
  try {
    for (let isOver = false; !isOver;) {
      const { done, value } = await step(next, signal);
      if (isEvent(value)) {
        yield value;
        continue;
      }
      try {
        if (done) {
          isOver = true;
          options.onEnd?.();
          parser.end(options);
        } else parser.push(value!);
      } catch (error) {
        // Throw it after the events before it.
        found.push(() => {
          throw error;
        });
      }
      for (const item of found.splice(0)) {
        if (typeof item === "function") item();
        else yield item;
      }
    }
  } finally {
    // Do not wait: the source may stay silent.
    Promise.resolve(items.return?.()).catch(() => {});
  }
}

const isEvent = (item: Item | undefined): item is SSEEvent =>
  typeof item === "object" && "data" in item && typeof item.data === "string";

/** A body that breaks is a network error, unless it was aborted. */
function broken(cause: unknown): never {
  const { name } = Object(cause);
  if (cause instanceof SSEError || name === "AbortError" || name === "TimeoutError") throw cause;
  throw new SSEError("network", String(cause), { cause, retryable: true });
}

/** Waits for the next item, or rejects with the signal's reason. */
function step<T>(next: () => Promise<T>, signal: AbortSignal | null | undefined): Promise<T> {
  if (!signal) return next();
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    if (signal.aborted) return abort();
    signal.addEventListener("abort", abort);
    next().then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}

async function quoted(
  error: SSEError,
  { body }: Partial<ResponseLike>,
  signal: AbortSignal | null | undefined,
): Promise<SSEError> {
  signal?.throwIfAborted();
  const reader = body && "getReader" in body ? body.getReader() : undefined;
  const leave = () => void reader?.cancel().catch(() => {});
  const timer = setTimeout(leave, PATIENCE_MS);
  signal?.addEventListener("abort", leave);
  await quote(error, reader);
  error.retryable = PASSING.test(String(error.status)) && !isSpent(error.body!);
  clearTimeout(timer);
  leave();
  signal?.removeEventListener("abort", leave);
  signal?.throwIfAborted();
  return error;
}
