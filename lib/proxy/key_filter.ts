/**
 * Removes the request's key from a stream: an upstream that quotes the key would show it to a page that
 * is authenticated by a cookie. All other bytes pass unchanged and at once. Only bytes that may be the
 * start of the key wait for the next chunk.
 */
import { withoutKey } from "../parallel/mod.ts";

const encoder = new TextEncoder();

/** The body without the key. It ends, fails and is cancelled together with the body. */
export function streamWithoutKey(
  body: ReadableStream<Uint8Array<ArrayBuffer>>,
  apiKey: string,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  const replacement = withoutKey(apiKey, apiKey);
  // Too short to be a key, and may be an ordinary word.
  if (replacement === apiKey) return body;
  const filter = new KeyFilter(encoder.encode(apiKey), encoder.encode(replacement));
  return body.pipeThrough(
    new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
      transform(chunk, controller) {
        for (const piece of filter.push(chunk)) controller.enqueue(piece);
      },
      flush(controller) {
        if (filter.held.byteLength > 0) controller.enqueue(filter.held);
      },
    }),
  );
}

/** Finds a key in chunks, even if it is split between them. */
class KeyFilter {
  readonly #key: Uint8Array;
  readonly #replacement: Uint8Array<ArrayBuffer>;
  /** The end of the last chunk, if it may be the start of the key. */
  held = new Uint8Array();

  constructor(key: Uint8Array, replacement: Uint8Array<ArrayBuffer>) {
    this.#key = key;
    this.#replacement = replacement;
  }

  /** Returns the bytes that can be passed on now. */
  push(chunk: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer>[] {
    const bytes = joined(this.held, chunk);
    const pieces: Uint8Array<ArrayBuffer>[] = [];
    let sent = 0, at = this.#find(bytes, 0);
    for (; at + this.#key.byteLength <= bytes.byteLength; at = this.#find(bytes, sent)) {
      pieces.push(bytes.subarray(sent, at), this.#replacement);
      sent = at + this.#key.byteLength;
    }
    pieces.push(bytes.subarray(sent, at));
    this.held = bytes.slice(at);
    return pieces.filter(({ byteLength }) => byteLength > 0);
  }

  /** The index of the key or of its start at the end; the length if there is neither. */
  #find(bytes: Uint8Array, from: number): number {
    const [first = 0] = this.#key;
    for (let at = from;; at++) {
      at = bytes.indexOf(first, at);
      if (at === -1) return bytes.byteLength;
      const there = bytes.subarray(at, at + this.#key.byteLength);
      if (there.every((byte, index) => byte === this.#key[index])) return at;
    }
  }
}

function joined(
  held: Uint8Array<ArrayBuffer>,
  chunk: Uint8Array<ArrayBuffer>,
): Uint8Array<ArrayBuffer> {
  if (held.byteLength === 0) return chunk;
  const bytes = new Uint8Array(held.byteLength + chunk.byteLength);
  bytes.set(held);
  bytes.set(chunk, held.byteLength);
  return bytes;
}
