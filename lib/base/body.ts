/**
 * Reads the whole body of a request or a response, up to a size and within a time. All whole bodies are read
 * here.
 */
import { SYSTEM_TIMERS, type Timers } from "./timers.ts";

/** The longest body of a request (bytes): the API's own limits on its parts allow far less. */
export const MAX_BODY_BYTES = 1024 * 1024;

/** The longest time for a request's body to arrive (ms): enough for a mebibyte on a bad phone line. */
export const BODY_MS = 30_000;

/** The limits on a body. Each has a default. */
export interface BodyLimits {
  /** Decoded bytes: a compressed body counts with its decompressed size. */
  readonly maxBytes?: number;
  /** `null` where something else ends the wait, such as the signal of a fetch. */
  readonly maxMs?: number | null;
  readonly timers?: Timers;
}

/** The bytes, or why there are none. */
export type Body =
  | { readonly ok: true; readonly bytes: Uint8Array<ArrayBuffer> }
  /** The status to respond to a request with: 413 too long, 408 too slow (RFC 9110, 15.5.14 and 15.5.9). */
  | { readonly ok: false; readonly status: 408 | 413 }
  /** Broken off, or framed wrongly (RFC 9110, section 15.5.1); `error` is the stream's error. */
  | { readonly ok: false; readonly status: 400; readonly error: unknown };

/** A request or a response. */
export interface BodySource {
  readonly headers: Headers;
  readonly body: ReadableStream<Uint8Array<ArrayBuffer>> | null;
}

/** Reads a body. Never rejects. Cancels a body that it refuses. */
export async function readBody(
  { headers, body }: BodySource,
  { maxBytes = MAX_BODY_BYTES, maxMs = BODY_MS, timers = SYSTEM_TIMERS }: BodyLimits = {},
): Promise<Body> {
  if (body === null) return { ok: true, bytes: new Uint8Array() };
  if (Number(headers.get("content-length") ?? 0) > maxBytes) {
    body.cancel().catch(() => {});
    return TOO_LONG;
  }
  const reader = body.getReader();
  let late = false;
  const timer = maxMs === null ? null : timers.setTimeout(() => {
    late = true;
    // Ends the read that waits; the connection may be closed already.
    reader.cancel().catch(() => {});
  }, maxMs);
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  let size = 0;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (late) return { ok: false, status: 408 };
      if (done) return { ok: true, bytes: joined(chunks, size) };
      size += value.byteLength;
      if (size > maxBytes) {
        reader.cancel().catch(() => {});
        return TOO_LONG;
      }
      chunks.push(value);
    }
  } catch (error) {
    return { ok: false, status: 400, error };
  } finally {
    if (timer !== null) timers.clearTimeout(timer);
  }
}

const TOO_LONG: Body = { ok: false, status: 413 };

function joined(chunks: readonly Uint8Array<ArrayBuffer>[], size: number): Uint8Array<ArrayBuffer> {
  const [only] = chunks;
  if (chunks.length === 1 && only !== undefined) return only;
  const bytes = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.byteLength;
  }
  return bytes;
}
