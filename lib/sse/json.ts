import { SSEError } from "./error.ts";
import type { SSEEvent } from "./event.ts";
import { parseSSE, type ParseSSEOptions, type SSESource } from "./iterate.ts";

/** How payloads are read. */
export interface StreamJSONOptions extends ParseSSEOptions {
  /**
   * `json`: every payload must be JSON. `text`: none is parsed. `auto` (the default): JSON where it
   * is JSON, else the text itself; what begins like an object and is not one is an error.
   */
  as?: "auto" | "json" | "text";
}

/** A payload and the event it came in. */
export interface Payload {
  payload: unknown;
  event: SSEEvent;
}

/** What a stream of events can be read from. */
export type EventSourceLike = SSESource | AsyncIterable<SSEEvent>;

/**
 * The JSON payloads of a stream, in order. `data: [DONE]` ends it and cancels the body; empty data
 * is skipped.
 *
 * @throws SSEError of kind `json` for a payload that is not what `as` says (`text` is the payload).
 *
 * @example
 * ```ts
 * import { streamJSON } from "./mod.ts";
 *
 * const body = new Response('data: {"n":1}\n\ndata: {"n":2}\n\ndata: [DONE]\n\n');
 * const seen: unknown[] = [];
 * for await (const payload of streamJSON(body)) seen.push(payload);
 * // [{ n: 1 }, { n: 2 }]
 * ```
 */
export async function* streamJSON(
  source: EventSourceLike,
  options: StreamJSONOptions = {},
): AsyncGenerator<unknown, undefined> {
  for await (const { payload } of payloads(source, options)) yield payload;
}

/** As {@link streamJSON}, each payload with its event. */
export async function* payloads(
  source: EventSourceLike,
  { as = "auto", ...options }: StreamJSONOptions = {},
): AsyncGenerator<Payload, undefined> {
  for await (const event of events(source, options)) {
    const data = event.data.trim();
    if (data === "[DONE]") return;
    // White space is no JSON, but a piece of a text.
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

/** Events are passed on; anything else is parsed into events first. */
async function* events(
  source: EventSourceLike,
  options: ParseSSEOptions,
): AsyncGenerator<SSEEvent, undefined> {
  if ("getReader" in source || "body" in source) return void (yield* parseSSE(source, options));
  const items: AsyncIterator<Item> = source[Symbol.asyncIterator]();
  const first = await items.next();
  if (first.done) return;
  const all = again(first.value, items);
  if (isChunk(first.value)) yield* parseSSE(only(all, isChunk), options);
  else yield* only(all, isEvent);
}

const isChunk = (item: Item) => typeof item === "string" || item instanceof Uint8Array;
const isEvent = (item: Item): item is SSEEvent => !isChunk(item);

async function* again(first: Item, rest: AsyncIterator<Item>): AsyncGenerator<Item, undefined> {
  try {
    yield first;
    for (let next = await rest.next(); !next.done; next = await rest.next()) yield next.value;
  } finally {
    await rest.return?.();
  }
}

async function* only<T extends Item>(
  items: AsyncIterable<Item>,
  wanted: (item: Item) => item is T,
) {
  for await (const item of items) if (wanted(item)) yield item;
}
