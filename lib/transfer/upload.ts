/**
 * Streams the file of a posted form: `Request.formData()` would hold all of it in memory, and a history may
 * be larger than that.
 */

import { boundaryOf, indexOfBytes } from "../base/mod.ts";
import { ArrivalError } from "./arrival.ts";

/** The body is not a form with a file. */
export class UploadError extends Error {
  override name = "UploadError";
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();
/** The largest headers of one part (bytes). */
const MAX_HEADERS = 8 * 1024;
/** The most empty parts before the file. Each is cut from the buffer, and none counts as received bytes. */
const MAX_EMPTY = 20;

/**
 * Yields the first non-empty field of a `multipart/form-data` body. Throws {@linkcode UploadError} if there
 * is none, and {@linkcode ArrivalError} if the body is incomplete.
 */
export async function* uploadedBytes(
  body: AsyncGenerator<Uint8Array<ArrayBuffer>>,
  contentType: string,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const boundary = boundaryOf(contentType);
  if (boundary === null) throw new UploadError("There is no file");
  const delimiter = encoder.encode(`\r\n--${boundary}`);
  // The first delimiter has no line before it.
  let buffer: Uint8Array<ArrayBuffer> = encoder.encode("\r\n");
  const more = async () => {
    const { value, done } = await body.next();
    if (done) return false;
    buffer = joined(buffer, value);
    return true;
  };
  const until = async (mark: Uint8Array, limit: number) => {
    for (;;) {
      const at = indexOfBytes(buffer, mark);
      if (at !== -1) return at;
      if (buffer.length > limit || !await more()) throw new UploadError("The upload is damaged");
    }
  };
  try {
    const preamble = await until(delimiter, MAX_HEADERS);
    buffer = buffer.slice(preamble + delimiter.length);
    for (let parts = 0; parts <= MAX_EMPTY; parts++) {
      while (buffer.length < 2 && await more());
      if (decoder.decode(buffer.slice(0, 2)) !== "\r\n") return;
      const head = await until(encoder.encode("\r\n\r\n"), MAX_HEADERS);
      buffer = buffer.slice(head + 4);
      let sent = 0;
      for (let at = indexOfBytes(buffer, delimiter);; at = indexOfBytes(buffer, delimiter)) {
        const end = at === -1 ? Math.max(0, buffer.length - delimiter.length) : at;
        const content = buffer.slice(0, end);
        buffer = buffer.slice(end);
        sent += content.length;
        if (content.length > 0) yield content;
        if (at !== -1) break;
        if (!await more()) throw new ArrivalError(400, "The upload was interrupted");
      }
      buffer = buffer.slice(delimiter.length);
      if (sent > 0) return;
    }
    throw new UploadError("There is no file");
  } finally {
    await body.return(undefined);
  }
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array<ArrayBuffer> {
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}
