import { SSEError } from "./error.ts";
import type { SSEEvent } from "./event.ts";

/** What a parser does with what it finds, and how much it is willing to hold. */
export interface SSEParserOptions {
  /** Called at each dispatch, in order, before `push` returns. */
  onEvent?: (event: SSEEvent) => void;
  /** Called for each comment line with its text, one leading space removed. Heartbeats come here. */
  onComment?: (comment: string) => void;
  /** Called for each valid `retry` line, in milliseconds, without waiting for the event's end. */
  onRetry?: (ms: number) => void;
  /** Called for each line the standard says to ignore: unknown field, bad `retry`, `id` with NUL. */
  onIgnored?: (line: string) => void;
  /** The largest `data` of one event, in bytes of UTF-8. Default 4 MiB. */
  maxEventBytes?: number;
  /** The longest line, in bytes of UTF-8 without its end. Default `maxEventBytes` + 8. */
  maxLineBytes?: number;
  /** The last event id in force before the stream begins: the one a reconnection asked from. */
  lastEventId?: string;
}

/** 4 MiB: far over any event met in practice, far under what hurts a server. */
const MAX_EVENT_BYTES = 4 << 20;
/**
 * An event-stream parser: bytes or strings in, callbacks out, to the letter of
 * https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream.
 *
 * Linear in its input whatever the chunking. A line or event over its limit throws an
 * {@link SSEError} of kind `limit` from `push`, after everything before it was dispatched; the
 * parser then refuses input until `reset`. A callback that throws loses nothing: what followed in
 * the same chunk is dispatched by the next `push` or `end`.
 *
 * @example
 * ```ts
 * import { SSEParser } from "./mod.ts";
 *
 * const events: string[] = [];
 * const parser = new SSEParser({ onEvent: (event) => events.push(event.data) });
 * parser.push("data: hel");
 * parser.push(new TextEncoder().encode("lo\n\n"));
 * // events is ["hello"]
 * ```
 */
export class SSEParser {
  /**
   * Takes the next chunk. Strings and bytes may be mixed at character boundaries; a surrogate pair
   * may be split between two strings and a character's bytes between two byte chunks.
   *
   * @throws SSEError of kind `limit`, and whatever a callback throws.
   */
  declare readonly push: (chunk: Uint8Array | string) => void;
  /**
   * Ends the stream and makes the parser ready for another. An unfinished event is discarded, as
   * the standard says, unless `flush` asks for it as if its missing newlines had come.
   *
   * @returns whether something unfinished was discarded.
   */
  declare readonly end: (options?: { flush?: boolean }) => boolean;
  /** Forgets everything but the callbacks and limits; the next `push` begins a new stream. */
  declare readonly reset: (lastEventId?: string) => void;
  /** The last event id in force: what a reconnection sends as `Last-Event-ID`. */
  declare lastEventId: string;

  constructor(
    {
      onEvent,
      onComment,
      onRetry,
      onIgnored,
      lastEventId,
      maxEventBytes = MAX_EVENT_BYTES,
      maxLineBytes = maxEventBytes + 8,
    }: SSEParserOptions = {},
  ) {
    const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

    // Bytes not decoded yet are buffer[from..to): an unfinished line. They wait as bytes because a
    // copy is cheaper than a decoding (TextDecoder costs some 0.35 us a call before the first byte).
    let buffer = new Uint8Array();
    let from: number;
    let to: number;
    // What is decoded, and how far it is parsed. State of the parser and not of a call, so that a
    // callback may throw, push or reset and nothing is lost or seen twice.
    let text: string;
    let at: number;
    // `text` is ASCII and its bytes are still at the start of `buffer`: looking at a byte is several
    // times cheaper than charCodeAt, which must first find out what kind of string it has.
    let aligned: boolean;
    // One character to swallow if it comes next: a BOM at the start, LF after a chunk ending in CR.
    let skip: string;
    let failed: SSEError | undefined;

    let id: string;
    let type: string;
    let data: string | undefined;
    let retry: number | undefined;
    // Never less than the bytes of `data` in UTF-8.
    let bytes: number;

    const limit = (bytes: number, limit: "maxLineBytes" | "maxEventBytes", max: number) => {
      if (bytes > max) throw failed = new SSEError("limit", limit + " is " + max, { limit });
    };
    const byteLength = (text: string) => new TextEncoder().encode(text).length;

    // Parses the whole lines of `text` and leaves the rest.
    const run = () => {
      while (at < text.length) {
        const start = at;
        // An empty line needs no search where the bytes are at hand.
        const end = aligned && buffer[at] === 10 ? at : text.indexOf("\n", at);
        if (end < 0) break;
        at = end + 1;
        if (start === end) {
          this.lastEventId = id;
          const event: SSEEvent | undefined = data === undefined
            ? data
            : { id, event: type || "message", data };
          if (event && retry !== undefined) event.retry = retry;
          type = "";
          data = retry = undefined;
          bytes = 0;
          if (event) onEvent?.(event);
        } else {
          if ((end - start) * 3 > maxLineBytes) {
            limit(byteLength(text.slice(start, end)), "maxLineBytes", maxLineBytes);
          }
          let name = !aligned
            ? ""
            : buffer[start] === 100 && buffer[start + 1] === 97 && buffer[start + 2] === 116 &&
                buffer[start + 3] === 97
            ? "data"
            : buffer[start] === 101 && buffer[start + 1] === 118 && buffer[start + 2] === 101 &&
                buffer[start + 3] === 110 && buffer[start + 4] === 116
            ? "event"
            : buffer[start] === 105 && buffer[start + 1] === 100
            ? "id"
            : "";
          let colon = start + name.length;
          if (!aligned || buffer[colon] !== 58) {
            name = text.slice(start, end);
            const parted = name.indexOf(":");
            if (parted >= 0) name = name.slice(0, parted);
            colon = start + name.length;
          }
          const value = text.slice(text[colon + 1] === " " ? colon + 2 : colon + 1, end);
          if (!name) onComment?.(value);
          else if (name === "data") {
            data = data === undefined ? value : data + "\n" + value;
            // Counted at three bytes a UTF-16 unit; exactly only where that would be too many, which
            // takes a third off the distance to the limit each time, so that it is done a few times.
            bytes += value.length * 3 + 1;
            if (bytes > maxEventBytes) {
              limit(bytes = byteLength(data), "maxEventBytes", maxEventBytes);
            }
          } else if (name === "event") type = value;
          else if (name === "id" && !value.includes("\0")) id = value;
          else if (name === "retry" && /^\d+$/.test(value)) {
            retry = +value;
            onRetry?.(retry);
          } else onIgnored?.(text.slice(start, end));
        }
      }
      text = text.slice(at);
      at = 0;
    };

    // Takes the characters of buffer[from..end), then more.
    const feed = (end: number, more: string) => {
      let chunk = decoder.decode(buffer.subarray(from, end)) + more;
      from = end;
      if (skip && chunk) {
        if (chunk[0] === skip) chunk = chunk.slice(1);
        skip = "";
      }
      aligned = !more && !text && chunk.length === end;
      if (chunk.includes("\r")) {
        aligned = false;
        if (chunk.endsWith("\r")) skip = "\n";
        // Twice a plain pattern is several times faster than /\r\n?/ once.
        chunk = chunk.replace(/\r\n/g, "\n").replace(/\r/g, "\n");
      }
      const left = at;
      text = text.slice(at) + chunk;
      at = 0;
      if (left || chunk.includes("\n")) run();
    };

    this.push = (chunk) => {
      if (failed) throw failed;
      if (typeof chunk === "string") feed(to, chunk);
      else {
        if (from) buffer.copyWithin(0, from, to);
        const start = to - from;
        let end = to = start + chunk.length;
        from = 0;
        if (to > buffer.length) {
          const old = buffer;
          buffer = new Uint8Array(to * 2 + 1024);
          buffer.set(old);
        }
        buffer.set(chunk, start);
        // The last line end, looked for byte by byte; in a long line decoding and memchr are
        // cheaper, up to the last ASCII character. A tab does no harm.
        const stop = text.length > 4096 ? to : Math.max(start, to - 1024);
        while (end > stop && buffer[end - 1]! > 13) end--;
        if (end === stop && end > start) {
          end = to;
          while (end > start && buffer[end - 1]! > 127) end--;
        }
        if (end > start) feed(end, "");
      }
      limit(to - from + text.length, "maxLineBytes", maxLineBytes);
    };

    this.end = ({ flush } = {}) => {
      this.push(flush ? "\n\n" : "");
      const unfinished = !!text || data !== undefined;
      this.reset(this.lastEventId);
      return unfinished;
    };

    this.reset = (lastEventId = "") => {
      this.lastEventId = id = lastEventId;
      text = type = "";
      from =
        to =
        at =
        bytes =
          0;
      skip = "\uFEFF";
      data = retry = failed = undefined;
    };
    this.reset(lastEventId);
  }
}
