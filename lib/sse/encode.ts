import { SSEError } from "./error.ts";

/** What can be written; every part is optional, and an event without `data` dispatches nothing. */
export interface SSEOutput {
  /** The last event id from here on; `""` takes it back. */
  id?: string | undefined;
  /** The event's type; `""` or none is `message`. */
  event?: string | undefined;
  /** Any text; line ends of every kind become LF at the other side. */
  data?: string | undefined;
  /** Reconnection time in milliseconds, a whole number. */
  retry?: number | undefined;
  /** Comment lines, written first; on its own a heartbeat. */
  comment?: string | undefined;
}

/**
 * One event as text, ending in its blank line; see {@link encodeSSEBytes} for bytes.
 *
 * Nothing in it can become another field or event: `data` and `comment` are split into lines.
 *
 * @throws SSEError of kind `encode`: CR or LF in `event`, CR, LF or NUL in `id`, or a `retry` that
 * is not a whole number of milliseconds, because a parser would read something else.
 *
 * @example
 * ```ts
 * import { encodeSSE } from "./mod.ts";
 *
 * encodeSSE({ id: "7", event: "note", data: "two\nlines" });
 * // "id: 7\nevent: note\ndata: two\ndata: lines\n\n"
 * encodeSSE({ comment: "heartbeat" }); // ": heartbeat\n\n"
 * ```
 */
export function encodeSSE({ comment, retry, id, event, data }: SSEOutput): string {
  return field("", comment) + field("retry", retry, /\D/) + field("id", id, /[\0\r\n]/) +
    field("event", event, /[\r\n]/) + field("data", data) + "\n";
}

/** The lines of one field, or none. */
function field(name: string, value: string | number | undefined, forbidden?: RegExp): string {
  if (value === undefined) return "";
  if (forbidden?.test("" + value)) throw new SSEError("encode", "not a valid " + name);
  return name + ": " + `${value}`.replace(/\r\n?|\n/g, "\n" + name + ": ") + "\n";
}

/** {@link encodeSSE} as UTF-8 bytes: encode once, send to many. */
export function encodeSSEBytes(event: SSEOutput): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(encodeSSE(event));
}
