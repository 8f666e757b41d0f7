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

/** How many bytes wait for a line end: decoding costs some 0.3 us before the first of them. */
const HOLD_BYTES = 1024;

/** The first four bytes of two field names, as numbers. */
const DATA = 0x64617461;
const EVEN = 0x6576656e;

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

  constructor(options: SSEParserOptions = {}) {
    const { maxEventBytes = MAX_EVENT_BYTES, maxLineBytes = maxEventBytes + 8 } = options;
    const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

    // Bytes not decoded yet, hold[0..held): no line ends among them.
    const hold = new Uint8Array(HOLD_BYTES);
    let held: number;
    // The beginning of a line whose end has not come.
    let head: string;
    // What is decoded, and how far it is parsed. State of the parser and not of a call, so that a
    // callback may throw, push or reset and nothing is lost or seen twice.
    let text: string;
    let at: number;
    // One character to swallow if it comes next: a BOM at the start, LF after CR.
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

    // Parses the whole lines of `text` and keeps the rest. `raw` are its bytes where each of them is
    // one unit of it: looking at a byte is several times cheaper than charCodeAt, which must first
    // find out what kind of string it has.
    const run = (raw?: Uint8Array) => {
      const now = text;
      const { length } = now;
      let next = at;
      let lf = -1;
      let cr = -1;
      while (next < length) {
        if (skip) {
          if (now[next] === skip) next++;
          skip = "";
        }
        const start = next;
        if (lf < start) {
          // An empty line needs no search where the bytes are at hand.
          lf = raw?.[start] === 10 ? start : now.indexOf("\n", start);
          if (lf < 0) lf = length;
        }
        if (cr < start) {
          cr = now.indexOf("\r", start);
          if (cr < 0) cr = length;
        }
        let end = lf;
        if (cr < lf) {
          end = cr;
          skip = "\n";
        }
        if (end === length) break;
        next = end + 1;
        if (start === end && !head) {
          at = next;
          this.lastEventId = id;
          const event: SSEEvent | undefined = data === undefined
            ? data
            : { id, event: type || "message", data };
          if (event && retry !== undefined) event.retry = retry;
          type = "";
          data = retry = undefined;
          bytes = 0;
          if (event) options.onEvent?.(event);
        } else {
          let name = "";
          if (raw && !head) {
            const word = raw[start]! << 24 | raw[start + 1]! << 16 | raw[start + 2]! << 8 |
              raw[start + 3]!;
            if (word === DATA) name = "data";
            else if (word === EVEN && raw[start + 4] === 116) name = "event";
          }
          let line = "";
          let value;
          let colon = start + name.length;
          if (name && raw![colon] === 58) {
            value = now.slice(raw![colon + 1] === 32 ? colon + 2 : colon + 1, end);
          } else {
            line = head + now.slice(start, end);
            head = "";
            if (line.length * 3 > maxLineBytes) {
              limit(utf8Length(line), "maxLineBytes", maxLineBytes);
            }
            colon = line.indexOf(":");
            if (colon < 0) colon = line.length;
            name = line.slice(0, colon);
            value = line.slice(line[colon + 1] === " " ? colon + 2 : colon + 1);
          }
          if (name === "data") {
            data = data === undefined ? value : data + "\n" + value;
            // Counted at three bytes a UTF-16 unit; exactly only where that would be too many, which
            // takes a third off the distance to the limit each time, so that it is done a few times.
            bytes += value.length * 3 + 1;
            if (bytes > maxEventBytes) {
              limit(bytes = utf8Length(data), "maxEventBytes", maxEventBytes);
            }
            continue;
          }
          if (name === "event") {
            type = value;
            continue;
          }
          at = next;
          if (!name) options.onComment?.(value);
          else if (name === "id" && !value.includes("\0")) id = value;
          else if (name === "retry" && /^\d+$/.test(value)) {
            retry = +value;
            options.onRetry?.(retry);
          } else options.onIgnored?.(line);
        }
        // A callback pushed or reset: what was here is parsed or gone.
        if (at !== next || text !== now) return;
      }
      head += now.slice(next);
      text = "";
      at = 0;
    };

    const feed = (raw: Uint8Array) => {
      const { length } = raw;
      held = 0;
      // Only a character that goes on in the next chunk needs the slower decoding that remembers.
      text = raw[length - 1]! > 127 ? decoder.decode(raw, { stream: true }) : decoder.decode(raw);
      run(text.length === length && length * 3 <= maxLineBytes ? raw : undefined);
    };

    this.push = (chunk) => {
      if (failed) throw failed;
      // What a callback that threw has left.
      if (text) run();
      if (typeof chunk === "string") {
        text = decoder.decode(hold.subarray(0, held)) + chunk;
        held = 0;
        run();
      } else {
        let end = chunk.length;
        if (held + end < HOLD_BYTES) {
          hold.set(chunk, held);
          held += end;
          // A tab does no harm.
          while (end && chunk[end - 1]! > 13) end--;
          if (end) feed(hold.subarray(0, held));
        } else {
          if (held) feed(hold.subarray(0, held));
          feed(chunk);
        }
      }
      limit(held + head.length, "maxLineBytes", maxLineBytes);
    };

    this.end = ({ flush } = {}) => {
      this.push(flush ? "\n\n" : "");
      const unfinished = !!head || data !== undefined;
      this.reset(this.lastEventId);
      return unfinished;
    };

    this.reset = (lastEventId = "") => {
      decoder.decode();
      this.lastEventId = id = lastEventId;
      text = type = head = "";
      at = held = bytes = 0;
      skip = "\uFEFF";
      data = retry = failed = undefined;
    };
    this.reset(options.lastEventId);
  }
}

const utf8Length = (text: string) => new Blob([text]).size;
