/** Splits a complete capture into the chunks it is read in, and computes how far its replay has come. Pure. */
import type { StreamRequest } from "./request.ts";

export interface Chunk {
  readonly bytes: Uint8Array;
  /** The arrival time, in ms since the stream began; null if unknown. */
  readonly atMs: number | null;
}

/** Bytes read between two yields to the page. */
export const SLICE = 256 * 1024;

/** A stream's bytes in slices. */
export function* slicesOf(bytes: Uint8Array): Generator<Chunk> {
  for (let at = 0; at < bytes.length; at += SLICE) {
    yield { bytes: bytes.subarray(at, at + SLICE), atMs: null };
  }
}

/** Events written as a stream again, each as a chunk with its own time. */
export function* encoded(
  events: Iterable<{ readonly text: string; readonly atMs: number | null }>,
): Generator<Chunk> {
  const encoder = new TextEncoder();
  for (const { text, atMs } of events) yield { bytes: encoder.encode(text), atMs };
}

// The source and the progress of an inspected stream.
/** The source of a stream. */
export type Origin =
  | { readonly kind: "text" }
  | { readonly kind: "file"; readonly name: string }
  | { readonly kind: "url"; readonly request: StreamRequest };

/**
 * - `empty`: nothing yet
 * - `reading`: a text or file is being read
 * - `opening`, `live`: a URL was requested, or is sending
 * - `done`: the stream is complete
 */
export type Phase = "empty" | "reading" | "opening" | "live" | "done";

/** The pace of a replay: the recorded times at a speed, or a number of blocks per second. */
export type Pace = { readonly speed: number } | { readonly perSecond: number };

/**
 * Returns how many blocks are shown `elapsedMs` after the replay was at `from`.
 *
 * @param timeOf when each block arrived; used only if the pace is a `speed`.
 */
export function shownAfter(
  elapsedMs: number,
  pace: Pace,
  from: number,
  total: number,
  timeOf: (index: number) => number | null,
): number {
  if ("perSecond" in pace) {
    return Math.min(total, from + Math.floor(elapsedMs / 1000 * pace.perSecond));
  }
  const due = (from === 0 ? 0 : timeOf(from - 1) ?? 0) + elapsedMs * pace.speed;
  let low = from, high = total;
  while (low < high) {
    const middle = low + high >> 1;
    if ((timeOf(middle) ?? 0) <= due) low = middle + 1;
    else high = middle;
  }
  return low;
}
