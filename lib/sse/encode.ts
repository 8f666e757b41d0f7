import { SSEError } from "./error.ts";

/** The parts of an event to write. All are optional. Without `data`, nothing is dispatched. */
export interface SSEOutput {
  /** The last event id from here on. `""` resets it. */
  id?: string | undefined;
  /** The event's type. Without one, or with `""`, it is `message`. `message` is not written. */
  event?: string | undefined;
  /** Any text. Line ends of every kind are read as LF. */
  data?: string | undefined;
  /** The reconnection time in whole milliseconds. */
  retry?: number | undefined;
  /** Comment lines, written first. Alone, a heartbeat. */
  comment?: string | undefined;
}

/**
 * Returns one event as text, including its blank line. See {@link encodeSSEBytes} for bytes.
 *
 * `data` and `comment` are split into lines, so no part can inject another field or event.
 *
 * @throws SSEError of kind `encode` for CR or LF in `event`, CR, LF or NUL in `id`, and a `retry` that
 * is not a whole number of milliseconds: a parser would read something else.
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
  // Some clients take an explicit `message` for a type of its own.
  const type = event === "message" ? undefined : event;
  return field("", comment) + field("retry", retry, /\D/) + field("id", id, /[\0\r\n]/) +
    field("event", type, /[\r\n]/) + field("data", data) + "\n";
}

/** Returns the lines of one field. */
function field(name: string, value: string | number | undefined, forbidden?: RegExp): string {
  if (value === undefined) return "";
  const text = "" + value;
  if (forbidden?.test(text)) throw new SSEError("encode", "not a valid " + name);
  return name + ": " + text.replace(/\r\n?|\n/g, "\n" + name + ": ") + "\n";
}

/** {@link encodeSSE} as UTF-8 bytes. Encode once, send to many. */
export function encodeSSEBytes(event: SSEOutput): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(encodeSSE(event));
}
