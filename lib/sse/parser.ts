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
/** How far back a newline is looked for byte by byte; beyond, decoding and memchr are cheaper. */
const LOOK_BACK = 1024;

const byteLength = (text: string) => new TextEncoder().encode(text).length;

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
 * const parser = new SSEParser({ onEvent: (event) => events.push(event.data) });
 * const events: string[] = [];
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
  readonly push: (chunk: Uint8Array | string) => void;
  /**
   * Ends the stream and makes the parser ready for another. An unfinished event is discarded, as
   * the standard says, unless `flush` asks for it as if its missing newlines had come.
   *
   * @returns whether something unfinished was discarded.
   */
  readonly end: (options?: { flush?: boolean }) => boolean;
  /** Forgets everything but the callbacks and limits; the next `push` begins a new stream. */
  readonly reset: (lastEventId?: string) => void;
  /** The last event id in force: what a reconnection sends as `Last-Event-ID`. */
  declare readonly lastEventId: string;

  constructor(options: SSEParserOptions = {}) {
    const { onEvent, onComment, onRetry, onIgnored, maxEventBytes = MAX_EVENT_BYTES } = options;
    const { maxLineBytes = maxEventBytes + 8 } = options;
    const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

    // Bytes of an unfinished line. Kept as bytes while chunks are small: one copy is cheaper than
    // one decoding (TextDecoder costs about 0.35 us a call in V8 before it has read a byte).
    let buffer = new Uint8Array(LOOK_BACK);
    let held = 0;
    // The unfinished line's beginning, where it was decoded already. A rope: appending is O(1).
    let tail = "";
    // What is being parsed now, and how far. State of the parser and not of a call, so that a
    // callback may throw, push or reset and nothing is lost or seen twice.
    let text = "";
    let at = 0;
    // One character to swallow if it comes next: a BOM at the start, LF after a chunk ending in CR.
    let skip: string;
    let failed: SSEError | undefined;

    let id: string;
    let lastId: string;
    let type: string;
    let data: string;
    let lines: number;
    let dataBytes: number;
    let retry: number | undefined;

    const clear = () => {
      type = data = "";
      lines = dataBytes = 0;
      retry = undefined;
    };

    const reset = this.reset = (lastEventId = "") => {
      id = lastId = lastEventId;
      tail = text = "";
      held = at = 0;
      skip = "\uFEFF";
      failed = undefined;
      clear();
    };

    const fail = (limit: "maxLineBytes" | "maxEventBytes", bytes: number) => {
      reset(lastId);
      failed = new SSEError("limit", `more than ${limit} (${bytes} bytes)`, { limit });
      throw failed;
    };

    const dispatch = () => {
      lastId = id;
      const event: SSEEvent | undefined = lines
        ? { id, event: type || "message", data }
        : undefined;
      if (event && retry !== undefined) event.retry = retry;
      clear();
      if (event) onEvent?.(event);
    };

    const field = (name: string, value: string, line: string) => {
      if (name === "data") addData(value);
      else if (name === "event") type = value;
      else if (name === "id" && !value.includes("\0")) id = value;
      else if (name === "retry" && /^\d+$/.test(value)) onRetry?.(retry = +value);
      else onIgnored?.(line);
    };

    const addData = (value: string) => {
      // Counted in UTF-16 units until three bytes a unit could be too many, then exactly.
      data = lines++ ? data + "\n" + value : value;
      dataBytes += value.length + 1;
      if (dataBytes * 3 > maxEventBytes) checkData();
    };
    const checkData = () => {
      if (byteLength(data) > maxEventBytes) fail("maxEventBytes", maxEventBytes);
    };

    const run = () => {
      let end: number;
      while ((end = text.indexOf("\n", at)) >= 0) {
        const start = at;
        at = end + 1;
        if ((end - start) * 3 > maxLineBytes && byteLength(text.slice(start, end)) > maxLineBytes) {
          fail("maxLineBytes", maxLineBytes);
        }
        if (start === end) dispatch();
        else {
          const line = text.slice(start, end);
          const colon = line.indexOf(":");
          if (!colon) onComment?.(line.slice(line[1] === " " ? 2 : 1));
          else if (colon < 0) field(line, "", line);
          else {
            field(
              line.slice(0, colon),
              line.slice(colon + (line[colon + 1] === " " ? 2 : 1)),
              line,
            );
          }
        }
      }
      tail = text.slice(at);
      text = "";
      at = 0;
    };

    const feed = (chunk: string) => {
      if (chunk && skip) {
        if (chunk[0] === skip) chunk = chunk.slice(1);
        skip = "";
      }
      if (chunk.endsWith("\r")) skip = "\n";
      if (chunk.includes("\r")) chunk = chunk.replace(/\r\n?/g, "\n");
      if (text || chunk.includes("\n")) {
        text = text.slice(at) + tail + chunk;
        at = 0;
        tail = "";
        run();
      } else tail += chunk;
    };

    this.push = (chunk) => {
      if (failed) throw failed;
      if (typeof chunk === "string") {
        const before = decoder.decode(buffer.subarray(0, held));
        held = 0;
        feed(before + chunk);
      } else {
        const size = held + chunk.length;
        if (size > buffer.length) {
          const larger = new Uint8Array(Math.max(size, buffer.length * 2));
          larger.set(buffer.subarray(0, held));
          buffer = larger;
        }
        buffer.set(chunk, held);
        let end = size;
        while (end > held && buffer[end - 1] !== 10 && buffer[end - 1] !== 13) end--;
        if (end > held) {
          const whole = decoder.decode(buffer.subarray(0, end));
          buffer.copyWithin(0, end, size);
          held = size - end;
          feed(whole);
        } else held = size;
      }
      if (held + tail.length > maxLineBytes) fail("maxLineBytes", maxLineBytes);
    };

    this.end = ({ flush } = {}) => {
      const before = decoder.decode(buffer.subarray(0, held));
      held = 0;
      feed(before);
      if (flush) {
        if (tail) feed("\n");
        dispatch();
      }
      const unfinished = !!tail || lines > 0;
      reset(lastId);
      return unfinished;
    };

    Object.defineProperty(this, "lastEventId", { get: () => lastId });
    reset(options.lastEventId);
  }
}
