import { SSEError } from "./error.ts";
import type { SSEEvent } from "./event.ts";

/** What a parser does with what it finds, and how much it is willing to hold. */
export interface SSEParserOptions {
  /** Called at each dispatch, in order, before `push` returns. */
  onEvent?: ((event: SSEEvent) => void) | undefined;
  /** Called for each comment line with its text, one leading space removed. Heartbeats come here. */
  onComment?: ((comment: string) => void) | undefined;
  /** Called for each valid `retry` line, in milliseconds, without waiting for the event's end. */
  onRetry?: ((ms: number) => void) | undefined;
  /** Called for each line the standard says to ignore: unknown field, bad `retry`, `id` with NUL. */
  onIgnored?: ((line: string) => void) | undefined;
  /** The largest `data` of one event, in bytes of UTF-8. Default 64 MiB. */
  maxEventBytes?: number | undefined;
  /** The longest line, in bytes of UTF-8 without its end. Default `maxEventBytes` + 8. */
  maxLineBytes?: number | undefined;
  /** The last event id in force before the stream begins: the one a reconnection asked from. */
  lastEventId?: string | undefined;
}

/** An event, or a callback whose turn is between the events around it. */
export type Found = SSEEvent | (() => void);

/**
 * 64 MiB: twice the largest event of a documented API, an image of 28 MiB in base64 in one event, and
 * still a bound. A server that reads streams for many strangers at once should set a smaller one.
 */
const MAX_EVENT_BYTES = 64 << 20;

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
  declare readonly end: (options?: { flush?: boolean | undefined }) => boolean;
  /** Forgets everything but the callbacks and limits; the next `push` begins a new stream. */
  declare readonly reset: (lastEventId?: string) => void;
  /** The last event id in force: what a reconnection sends as `Last-Event-ID`. */
  declare lastEventId: string;

  constructor(options: SSEParserOptions = {}) {
    const { maxEventBytes = MAX_EVENT_BYTES, maxLineBytes = maxEventBytes + 8 } = options;
    // A line this short is under both limits, whatever it is made of.
    const short = Math.min(maxEventBytes, maxLineBytes) / 3;
    const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

    // What is decoded, and how far it is parsed. State of the parser and not of a call, so that a
    // callback may throw, push or reset and nothing is lost or seen twice.
    let text: string;
    let at: number;
    // Where its next CR is, or NONE.
    let nextCR: number;
    // The beginning of a line whose end has not come.
    let head: string;
    // One character to swallow if it comes next: a BOM at the start, LF after CR.
    let skip: string;
    // Whether every character so far was one byte.
    let ascii: boolean;
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

    const dispatch = (value = data) => {
      this.lastEventId = id;
      const event: SSEEvent | undefined = value === undefined
        ? value
        : { id, event: type || "message", data: value };
      if (event && retry !== undefined) event.retry = retry;
      type = "";
      data = retry = undefined;
      bytes = 0;
      if (event) options.onEvent?.(event);
    };

    const add = (value: string) => {
      data = data === undefined ? value : data + "\n" + value;
      // Counted at three bytes a UTF-16 unit; exactly only where that would be too many, which
      // takes a third off the distance to the limit each time, so that it is done a few times.
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
      else if (!name) options.onComment?.(value);
      else if (name === "id" && !value.includes("\0")) id = value;
      else if (name === "retry" && /^\d+$/.test(value)) {
        retry = +value;
        options.onRetry?.(retry);
      } else options.onIgnored?.(line);
    };

    // Parses the whole lines of `text` and keeps the rest. `parse` alone would do: the short way of
    // `data` and `event` lines costs 160 bytes of a bundle and makes all of it half as fast again.
    // Characters are compared in place (`startsWith` loses a tenth), and data with its blank line
    // right behind it is never stored. CRs are found in place, as replacing them takes longer than
    // all the rest, and a text without any goes past it: the last LF found is kept only beside CRs,
    // where it may be many lines away.
    const run = () => {
      const now = text;
      let start = at;
      let cr = nextCR;
      for (let lf = -1;;) {
        let end: number;
        let next: number;
        if (cr === NONE) {
          end = now.charCodeAt(start) === 10 ? start : now.indexOf("\n", start);
          if (end < 0) break;
          next = end + 1;
        } else {
          if (lf < start) lf = now.indexOf("\n", start) & NONE;
          end = lf < cr ? lf : cr;
          next = end + 1;
          if (cr === end) {
            if (next === lf) next++;
            nextCR = cr = now.indexOf("\r", next) & NONE;
          }
        }
        at = next;
        const first = head || end - start > short ? 0 : now.charCodeAt(start);
        if (
          first === 100 && now.charCodeAt(start + 1) === 97 && now.charCodeAt(start + 2) === 116 &&
          now.charCodeAt(start + 3) === 97 && now.charCodeAt(start + 4) === 58
        ) {
          const value = now.slice(start + (now.charCodeAt(start + 5) === 32 ? 6 : 5), end);
          if (now.charCodeAt(next) === 10 && data === undefined) {
            at = ++next;
            dispatch(value);
          } else add(value);
        } else if (
          first === 101 && now.charCodeAt(start + 1) === 118 &&
          now.charCodeAt(start + 2) === 101 && now.charCodeAt(start + 3) === 110 &&
          now.charCodeAt(start + 4) === 116 && now.charCodeAt(start + 5) === 58
        ) {
          type = now.slice(start + (now.charCodeAt(start + 6) === 32 ? 7 : 6), end);
        } else {
          const line = head + now.slice(start, end);
          head = "";
          parse(line);
        }
        // A callback pushed or reset: what was here is parsed or gone.
        if (at !== next || text !== now) return;
        start = next;
      }
      head += now.slice(start);
      text = "";
      at = 0;
    };

    this.push = (chunk) => {
      if (failed) throw failed;
      let more: string;
      if (typeof chunk === "string") more = decoder.decode() + chunk;
      else {
        // Without `stream` ASCII is decoded a quarter faster, and everything else four times slower.
        more = ascii && chunk[chunk.length - 1]! < 128
          ? decoder.decode(chunk)
          : decoder.decode(chunk, { stream: true });
        ascii &&= more.length === chunk.length;
      }
      if (more) {
        if (more[0] === skip) more = more.slice(1);
        // A CR at the end ends its line now; the LF that may follow is swallowed then.
        skip = more.endsWith("\r") ? "\n" : "";
        // Behind what a callback that threw has left: it may throw again.
        text = text.slice(at) + more;
        at = 0;
        nextCR = text.indexOf("\r") & NONE;
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
      decoder.decode();
      this.lastEventId = id = lastEventId;
      text = type = head = "";
      at = bytes = 0;
      ascii = true;
      skip = "\uFEFF";
      data = retry = failed = undefined;
    };
    this.reset(options.lastEventId);
  }
}

/** What is left of the -1 of `indexOf`, as an index past the end of any text. */
const NONE = 0x7fffffff;

const utf8Length = (text: string) => new Blob([text]).size;
