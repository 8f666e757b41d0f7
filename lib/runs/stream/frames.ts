/**
 * A run's log on the wire: the same bytes for every viewer.
 */
import { encodeSSE } from "../../sse/mod.ts";
import type { LogEvent } from "../model/mod.ts";
import { HEARTBEAT_LINE } from "./heartbeat.ts";

const encoder = new TextEncoder();

/** {@linkcode HEARTBEAT_LINE} as bytes. */
export const HEARTBEAT: Uint8Array = encoder.encode(HEARTBEAT_LINE);

/** An event as viewers get it. */
export function encodeEvent(event: LogEvent): Uint8Array {
  return encoder.encode(encodeSSE({ id: String(event.id), event: event.type, data: event.data }));
}

/** The frames of live events, which may be encoded before they are wanted. */
export class Frames {
  readonly #ready = new WeakMap<LogEvent, Uint8Array>();

  /** Encodes events whose turn will come. */
  prepare(events: readonly LogEvent[]): void {
    for (const event of events) this.#ready.set(event, encodeEvent(event));
  }

  /** An event as viewers get it. */
  of(event: LogEvent): Uint8Array {
    return this.#ready.get(event) ?? encodeEvent(event);
  }
}

/** Several frames as one chunk. */
export function concat(chunks: readonly Uint8Array[]): Uint8Array {
  const [only] = chunks;
  if (chunks.length === 1 && only !== undefined) return only;
  const whole = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.byteLength, 0));
  let offset = 0;
  for (const chunk of chunks) {
    whole.set(chunk, offset);
    offset += chunk.byteLength;
  }
  return whole;
}
