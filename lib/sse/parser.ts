import { SSEError } from "./error.ts";
import type { SSEParserOptions } from "./event.ts";

/** 64 MiB: twice the largest event of a documented API, an image of 28 MiB in base64. */
const MAX_EVENT_BYTES = 0x400_0000;

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
   * @throws SSEError of kind `limit`, and errors of callbacks.
   */
  declare readonly push: (chunk: Uint8Array | string) => void;
  /**
   * Ends the stream and makes the parser ready for another. An unfinished event is discarded, as
   * the standard says, unless `flush` asks for it as if its missing newlines had come.
   *
   * @returns whether something unfinished was discarded.
   */
  declare readonly end: (options?: { flush?: boolean | undefined }) => boolean;
  /** Forgets everything but the callbacks and limits; the next `push` begins a new stream. */
  declare readonly reset: (lastEventId?: string) => void;
  /** The last event id in force: what a reconnection sends as `Last-Event-ID`. */
  declare lastEventId: string;

  /** Makes a parser for one stream after another. */
  constructor(
    {
      onEvent,
      onComment,
      onRetry,
      onIgnored,
      maxEventBytes = MAX_EVENT_BYTES,
      maxLineBytes = maxEventBytes + 8,
      lastEventId,
    }: SSEParserOptions = {},
  ) {
    // A line this short is under both limits in any encoding.
    const short = Math.floor(Math.min(maxEventBytes, maxLineBytes) / 3);
    const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

    // Bytes that wait for the next chunk.
    // - Small chunks wait until a line ends. Calling the decoder costs more than its work on 64 bytes,
    //   and so does joining the pieces of a line. From chunks of 64 bytes this raises the speed from 1.7
    //   to 2.2 times eventsource-parser's on the Task API's events. They are too small to exceed a limit.
    // - A character that is cut waits for its other bytes. So each call of the decoder gets a whole text
    //   and needs no `stream`, with which Deno decodes ASCII a quarter slower and everything else two to
    //   four times slower. Node 22 decodes what is not ASCII at two thirds of its speed without it;
    //   other runtimes do not care.
    const held = new Uint8Array(MAX_HELD);
    const mostHeld = Math.min(MAX_HELD, short);
    let heldBytes: number;
    // What is decoded, and how far it is parsed. Kept here, so that a callback may throw, push or reset
    // and nothing is lost or seen twice. Set before each callback: 0.77 and 0.84 on 8-byte events.
    let text: string;
    let at: number;
    // The beginning of a line whose end has not come.
    let head: string;
    // The code of a character to swallow if it comes next: a BOM at the start, LF after CR.
    let skip: number;
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

    // Ends an event. Without data, nothing is dispatched.
    const dispatch = (value = data) => {
      const event = type || "message";
      const ms = retry;
      this.lastEventId = id;
      type = "";
      data = retry = undefined;
      bytes = 0;
      if (value === undefined) return;
      // An object that gets `retry` later is slower: 0.9 and 1.0 if every event has one.
      onEvent?.(
        ms === undefined ? { id, event, data: value } : { id, event, data: value, retry: ms },
      );
    };

    const add = (value: string) => {
      data = data === undefined ? value : data + "\n" + value;
      // Assume three bytes per UTF-16 unit, the most. Count exactly only if that exceeds the limit: this
      // happens a few times per event, because each time at least a third of the remaining room was used.
      bytes += value.length * 3 + 1;
      if (bytes > maxEventBytes) limit(bytes = utf8Length(data), "maxEventBytes", maxEventBytes);
    };

    // Any line, to the letter.
    const parse = (line: string) => {
      if (line.length > short) limit(utf8Length(line), "maxLineBytes", maxLineBytes);
      let colon = line.indexOf(":");
      if (colon < 0) colon = line.length;
      const name = line.slice(0, colon);
      const value = line.slice(colon + (line[colon + 1] === " " ? 2 : 1));
      if (!line) dispatch();
      else if (name === "data") add(value);
      else if (name === "event") type = value;
      else if (!name) onComment?.(value);
      else if (name === "id" && !value.includes("\0")) id = value;
      else if (name === "retry" && /^\d+$/.test(value)) {
        // From 1e21 on, the encoder could not write it again.
        retry = Math.min(+value, 1e20);
        onRetry?.(retry);
      } else onIgnored?.(line);
    };

    // Parses the whole lines of `text` and keeps the rest. `parse` alone would be correct. Each fast
    // path reads one kind of line in place, without copying it. The numbers are multiples of
    // eventsource-parser's speed from 16 KiB chunks, without and with the path:
    // - `data` and `event`: 0.8 and 1.3 on the Task API's events. Data that its blank line follows at
    //   once is never stored (1.1 if it is).
    // - `id`: 0.8 and 1.05 if every event has one.
    // - blank lines, comments without a callback: 0.6 and 1.1 on heartbeats. To read the blank line with
    //   its comment is no faster, and in some processes three times slower.
    // - CR: finding CRs in place instead of replacing them, 0.74 and 1.3 on CRLF.
    // Names are compared character by character: `startsWith` is 10 % slower. The constants are local:
    // V8 reads those of a module from memory, which is 4 % slower.
    const run = () => {
      const LF = 10, SPACE = 32, COLON = 58;
      const A = 97, D = 100, E = 101, I = 105, N = 110, T = 116, V = 118;
      // Turns the -1 of an `indexOf` that found nothing into an index past any text.
      const NONE = 0x7fffffff;
      const now = text;
      // Longer lines, and the first one if it began in another chunk, are for `parse`.
      let most = head ? -1 : short;
      let start = at;
      let next: number;
      let cr = now.indexOf("\r", start) & NONE;
      // The last LF found is kept only beside CRs, where it may be many lines away.
      for (let lf = -1;; start = next) {
        let value: string;
        let first = now.charCodeAt(start);
        let end: number;
        if (cr === NONE) {
          end = first === LF ? start : now.indexOf("\n", start);
          if (end < 0) break;
          next = end + 1;
        } else {
          if (lf < start) lf = now.indexOf("\n", start) & NONE;
          end = lf < cr ? lf : cr;
          next = end + 1;
          if (cr === end) {
            if (next === lf) next++;
            cr = now.indexOf("\r", next) & NONE;
          }
        }
        if (end - start > most) first = 0;

        if (
          first === D && now.charCodeAt(start + 1) === A && now.charCodeAt(start + 2) === T &&
          now.charCodeAt(start + 3) === A && now.charCodeAt(start + 4) === COLON
        ) {
          value = now.slice(start + (now.charCodeAt(start + 5) === SPACE ? 6 : 5), end);
          if (data !== undefined || now.charCodeAt(next) !== LF) {
            add(value);
            continue;
          }
          at = ++next;
          dispatch(value);
        } else if (
          first === E && now.charCodeAt(start + 1) === V && now.charCodeAt(start + 2) === E &&
          now.charCodeAt(start + 3) === N && now.charCodeAt(start + 4) === T &&
          now.charCodeAt(start + 5) === COLON
        ) {
          type = now.slice(start + (now.charCodeAt(start + 6) === SPACE ? 7 : 6), end);
          continue;
        } else if (
          first === I && now.charCodeAt(start + 1) === D && now.charCodeAt(start + 2) === COLON &&
          !(value = now.slice(start + (now.charCodeAt(start + 3) === SPACE ? 4 : 3), end))
            .includes("\0")
        ) {
          id = value;
          continue;
        } else if (first === COLON && !onComment) continue;
        else {
          at = next;
          if (end === start && most >= 0) dispatch();
          else {
            const line = head + now.slice(start, end);
            head = "";
            most = short;
            parse(line);
          }
        }
        // A callback pushed or reset: what was here is parsed or gone.
        if (at !== next || text !== now) return;
      }
      head += now.slice(start);
      text = "";
      at = 0;
    };

    this.push = (chunk) => {
      if (failed) throw failed;
      let more: string;
      if (typeof chunk === "string") {
        more = decoder.decode(held.subarray(0, heldBytes)) + chunk;
        heldBytes = 0;
      } else {
        let bytes = chunk;
        // Another type of buffer. The decoder rejects what is none. An ArrayBuffer has no buffer inside.
        if (bytes.BYTES_PER_ELEMENT !== 1) {
          decoder.decode(bytes);
          bytes = new Uint8Array(bytes.buffer ?? bytes, bytes.byteOffset, bytes.byteLength);
        }
        const size = heldBytes + bytes.length;
        let end = size;
        if (!text && head.length + size <= mostHeld) {
          held.set(bytes, heldBytes);
          bytes = held;
          // Up to the last character that may end a line: LF, CR and what is below them.
          while (end > heldBytes && held[end - 1]! > 13) end--;
          if (end === heldBytes) {
            heldBytes = size;
            return;
          }
        } else {
          if (heldBytes) {
            const joined = new Uint8Array(size);
            joined.set(held.subarray(0, heldBytes));
            joined.set(bytes, heldBytes);
            bytes = joined;
          }
          // Up to the last character, if that is not ASCII: its bytes may not be complete.
          while (end > size - 3 && bytes[end - 1]! >> 6 === 2) end--;
          end = bytes[end - 1]! > 191 ? end - 1 : size;
        }
        more = decoder.decode(bytes.subarray(0, end));
        held.set(bytes.subarray(end, size));
        heldBytes = size - end;
      }
      if (more) {
        if (more.charCodeAt(0) === skip) more = more.slice(1);
        // A callback that threw left text unparsed. Parse that first: the callback may throw again.
        if (text) more = text.slice(at) + more;
        text = more;
        at = 0;
        // A CR at the end ends its line now; the LF that may follow is swallowed then.
        skip = more.charCodeAt(more.length - 1) === 13 ? 10 : -1;
      }
      if (text) run();
      limit(head.length, "maxLineBytes", maxLineBytes);
    };

    this.end = ({ flush } = {}) => {
      this.push(flush ? "\n\n" : "");
      const unfinished = !!head || data !== undefined;
      this.reset(this.lastEventId);
      return unfinished;
    };

    this.reset = (lastEventId = "") => {
      this.lastEventId = id = lastEventId;
      text = type = head = "";
      at = bytes = heldBytes = 0;
      skip = 0xfeff;
      data = retry = failed = undefined;
    };
    this.reset(lastEventId);
  }
}

/** Larger chunks are decoded as they come. */
const MAX_HELD = 512;

const utf8Length = (text: string) => new Blob([text]).size;
