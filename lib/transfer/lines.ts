/** Yields the lines of a byte stream. */
import { pauses } from "../base/mod.ts";

/** A text that is read whole exceeds the limit. */
export class LongLineError extends Error {
  override name = "LongLineError";
}

const LINE_FEED = 0x0a;
const BRACKET = 0x5b;
/** White space, and the bytes of a byte order mark. */
const BLANK = new Set([0x20, 0x09, 0x0a, 0x0d, 0xef, 0xbb, 0xbf]);

/**
 * Yields lines without their line ends; `null` in place of one that is longer than `maxBytes`. A multi-line
 * JSON text that starts with `[` counts as one, and throws {@linkcode LongLineError} if it is longer. Lets other
 * work run between lines, because a chunk may have thousands.
 */
export async function* textLines(
  body: ReadableStream<Uint8Array>,
  maxBytes: number,
  now?: () => number,
): AsyncGenerator<string | null> {
  const pause = pauses(now);
  // Keep pieces: rescanning a long line at every chunk would take quadratic time.
  let pieces: Uint8Array[] = [], length = 0, whole: boolean | null = null;
  for await (const chunk of body) {
    if (whole === null) {
      const first = chunk.find((byte) => !BLANK.has(byte));
      if (first !== undefined) whole = first === BRACKET;
    }
    for (let start = 0;;) {
      // No other UTF-8 character contains the byte of a line feed.
      const end = whole === true ? -1 : chunk.indexOf(LINE_FEED, start);
      const piece = chunk.subarray(start, end === -1 ? chunk.length : end);
      length += piece.length;
      if (length <= maxBytes) pieces.push(piece);
      else if (whole === true) throw new LongLineError("The text is too long");
      else pieces = [];
      if (end === -1) break;
      yield length <= maxBytes ? textOf(pieces, length) : null;
      [pieces, length] = [[], 0];
      start = end + 1;
      await pause();
    }
  }
  if (length > 0) yield length <= maxBytes ? textOf(pieces, length) : null;
}

function textOf(pieces: readonly Uint8Array[], length: number): string {
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return new TextDecoder().decode(bytes);
}
