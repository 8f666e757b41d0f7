import { SSEParser, type SSEParserOptions } from "../../../lib/sse/mod.ts";
import type { SSEEvent } from "../../../lib/sse/mod.ts";

/** Everything a parser reports about a stream, in comparable form. */
export interface Reading {
  events: SSEEvent[];
  comments: string[];
  retries: number[];
  ignored: string[];
  lastEventId: string;
  error?: string;
}

export function read(
  chunks: Iterable<Uint8Array | string>,
  options: SSEParserOptions & { flush?: boolean } = {},
): Reading {
  const reading: Reading = { events: [], comments: [], retries: [], ignored: [], lastEventId: "" };
  const parser = new SSEParser({
    onEvent: (event) => void reading.events.push(event),
    onComment: (text) => void reading.comments.push(text),
    onRetry: (ms) => void reading.retries.push(ms),
    onIgnored: (line) => void reading.ignored.push(line),
    ...options,
  });
  try {
    for (const chunk of chunks) parser.push(chunk);
    parser.end({ flush: options.flush });
  } catch (error) {
    reading.error = String(error);
  }
  reading.lastEventId = parser.lastEventId;
  return reading;
}

export const utf8 = (text: string) => new TextEncoder().encode(text);

/** The input in pieces of one size; the last may be shorter. */
export function pieces<T extends Uint8Array | string>(input: T, size: number): T[] {
  const out: T[] = [];
  for (let at = 0; at < input.length; at += size) out.push(input.slice(at, at + size) as T);
  return out;
}

/** The input cut at the given places (any order, any number, out of range is clipped). */
export function cutAt<T extends Uint8Array | string>(input: T, places: readonly number[]): T[] {
  const out: T[] = [];
  let from = 0;
  for (const place of [...places].sort((a, b) => a - b)) {
    out.push(input.slice(from, place) as T);
    from = Math.min(Math.max(from, place), input.length);
  }
  out.push(input.slice(from) as T);
  return out;
}
