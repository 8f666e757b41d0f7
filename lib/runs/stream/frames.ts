/**
 * Events as bytes, and the comments that keep silent streams alive.
 */
import { encodeSSE } from "../../sse/mod.ts";

/** The id of an event: a reader's position in the stream. */
export type EventId = number | string;

/** An event of a stream. Without data it only sets the reader's last event id. */
export interface StreamEvent {
  readonly id: EventId;
  readonly type?: string;
  readonly data?: string;
}

const encoder = new TextEncoder();

/** Encodes an event. */
export function encodeEvent({ id, type, data }: StreamEvent): Uint8Array {
  return encoder.encode(encodeSSE({ id: String(id), event: type, data }));
}

/** Encodes events for viewers that see the same parts of them. Encodes each live event once. */
export class Encoder<Event extends StreamEvent> {
  readonly #show: (event: Event) => StreamEvent;
  readonly #ready = new WeakMap<Event, Uint8Array>();

  /** `show` returns an event as the viewers see it. */
  constructor(show: (event: Event) => StreamEvent = (event) => event) {
    this.#show = show;
  }

  /** Encodes events that will be sent soon. */
  prepare(events: readonly Event[]): void {
    for (const event of events) this.#ready.set(event, encodeEvent(this.#show(event)));
  }

  /** Returns the bytes of an event. */
  encode(event: Event): Uint8Array {
    return this.#ready.get(event) ?? encodeEvent(this.#show(event));
  }

  /** Returns the bytes of several events as one chunk. */
  encodeAll(events: readonly Event[]): Uint8Array {
    const [only] = events;
    if (events.length === 1 && only !== undefined) return this.encode(only);
    const chunks = events.map((event) => this.encode(event));
    const whole = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.byteLength, 0));
    let offset = 0;
    for (const chunk of chunks) {
      whole.set(chunk, offset);
      offset += chunk.byteLength;
    }
    return whole;
  }
}

/**
 * The comment on a silent stream. It has no blank line after it: `@microsoft/fetch-event-source` reads a
 * blank line as an empty message, and the WHATWG parser needs none.
 */
export const HEARTBEAT_LINE = ": still here\n";

/** {@linkcode HEARTBEAT_LINE} as bytes. */
export const HEARTBEAT: Uint8Array = encoder.encode(HEARTBEAT_LINE);

/** How many heartbeats in a row a reader may miss before it gives the connection up. */
const MISSED_HEARTBEATS = 3;
/** The shortest silence that ends a connection (ms): pages may be busy, and networks slow. */
const SHORTEST_IDLE_MS = 10_000;

/** Returns how long a stream may be silent before its reader should connect again (ms). */
export function idleAfterMs(heartbeatMs: number): number {
  return Math.max(SHORTEST_IDLE_MS, MISSED_HEARTBEATS * heartbeatMs);
}
