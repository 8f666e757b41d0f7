/** A capture that is here as a whole, as the chunks it is read in. Pure. */
import type { StreamRequest } from "./request.ts";

export interface Chunk {
  readonly bytes: Uint8Array;
  /** When it came, in ms since the stream began; null where nobody knows. */
  readonly atMs: number | null;
}

/** Bytes read between two breaths of the page. */
export const SLICE = 256 * 1024;

/** A stream's bytes in slices. */
export function* slicesOf(bytes: Uint8Array): Generator<Chunk> {
  for (let at = 0; at < bytes.length; at += SLICE) {
    yield { bytes: bytes.subarray(at, at + SLICE), atMs: null };
  }
}

/** Events written as a stream again, each a chunk with its own time. */
export function* encoded(
  events: Iterable<{ readonly text: string; readonly atMs: number | null }>,
): Generator<Chunk> {
  const encoder = new TextEncoder();
  for (const { text, atMs } of events) yield { bytes: encoder.encode(text), atMs };
}

// Where an inspected stream comes from, and how far it is.
/** Where a stream came from. */
export type Origin =
  | { readonly kind: "text" }
  | { readonly kind: "file"; readonly name: string }
  | { readonly kind: "url"; readonly request: StreamRequest };

/**
 * - `empty`: nothing yet
 * - `reading`: a text or file is being read
 * - `opening`, `live`: a URL is asked, or sends
 * - `done`: all there is is here
 */
export type Phase = "empty" | "reading" | "opening" | "live" | "done";
