/** Reads a request's body, up to a size and within a time: neither memory nor patience is endless. */

/** The longest body that is read (bytes): the API's own limits on its parts allow far less. */
export const MAX_BODY_BYTES = 1024 * 1024;

/** The longest that a body may take to arrive (ms): a mebibyte needs no more on a bad phone line. */
export const BODY_MS = 30_000;

/** The two calls of time that waiting for a body needs. */
export interface BodyTimers {
  setTimeout(run: () => void, ms: number): unknown;
  clearTimeout(id: unknown): void;
}

/** What limits a body; all of it has defaults. */
export interface BodyLimits {
  readonly maxBytes?: number;
  readonly maxMs?: number;
  readonly timers?: BodyTimers;
}

/** The bytes, or why they are not read. */
export type Body =
  | { readonly ok: true; readonly bytes: Uint8Array<ArrayBuffer> }
  /**
   * The status that says it: 413 too long, 408 too slow, 400 broken off or framed wrongly (RFC 9110,
   * sections 15.5.14, 15.5.9 and 15.5.1).
   */
  | { readonly ok: false; readonly status: 400 | 408 | 413 };

const SYSTEM_TIMERS: BodyTimers = {
  setTimeout: (run, ms) => setTimeout(run, ms),
  clearTimeout: (id) => clearTimeout(id as number),
};

/** The body's bytes, or why there are none. Never rejects. */
export async function readBody(
  request: Request,
  { maxBytes = MAX_BODY_BYTES, maxMs = BODY_MS, timers = SYSTEM_TIMERS }: BodyLimits = {},
): Promise<Body> {
  if (Number(request.headers.get("content-length") ?? 0) > maxBytes) return TOO_LONG;
  if (request.body === null) return { ok: true, bytes: new Uint8Array() };
  const reader = request.body.getReader();
  let late = false;
  const timer = timers.setTimeout(() => {
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
      if (done) return { ok: true, bytes: new Uint8Array(await new Blob(chunks).arrayBuffer()) };
      size += value.byteLength;
      if (size > maxBytes) {
        reader.cancel().catch(() => {});
        return TOO_LONG;
      }
      chunks.push(value);
    }
  } catch {
    return { ok: false, status: 400 };
  } finally {
    timers.clearTimeout(timer);
  }
}

const TOO_LONG: Body = { ok: false, status: 413 };
