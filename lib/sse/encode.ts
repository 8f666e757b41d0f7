import { SSEError } from "./error.ts";

/** What can be written; every part is optional, and an event without `data` dispatches nothing. */
export interface SSEOutput {
  /** The last event id from here on; `""` takes it back. */
  id?: string;
  /** The event's type; `""` or none is `message`. */
  event?: string;
  /** Any text; line ends of every kind become LF at the other side. */
  data?: string;
  /** Reconnection time in milliseconds, a whole number. */
  retry?: number;
  /** Comment lines, written first; on its own a heartbeat. */
  comment?: string;
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
export function encodeSSE(event: SSEOutput): string {
  let out = "";
  for (const [name, forbidden] of FIELDS) {
    const value = event[name];
    if (value === undefined) continue;
    if (forbidden?.test("" + value)) throw new SSEError("encode", "not a valid " + name);
    for (const line of `${value}`.split(/\r\n?|\n/)) {
      out += (name === "comment" ? "" : name) + ": " + line + "\n";
    }
  }
  return out + "\n";
}

/** In the order they are written, with what must not be in them. */
const FIELDS: readonly [keyof SSEOutput, forbidden?: RegExp][] = [
  ["comment"],
  ["retry", /\D/],
  ["id", /[\0\r\n]/],
  ["event", /[\r\n]/],
  ["data"],
];

/** {@link encodeSSE} as UTF-8 bytes: encode once, send to many. */
export function encodeSSEBytes(event: SSEOutput): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(encodeSSE(event));
}
