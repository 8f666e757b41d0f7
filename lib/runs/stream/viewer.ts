/**
 * One open stream: a bounded queue that is filled from the log until the viewer has caught up, then with
 * live events.
 */
import { encodeEvent, type Encoder, type StreamEvent } from "./frames.ts";

/** The most that a live viewer may leave unread (bytes). One event is always queued, however large. */
const QUEUE_BYTES = 1 << 20;
/** While catching up, read the log only when less than this is unread (bytes). */
const REFILL_BYTES = 64 * 1024;

/** The person or program that watches: an account, and the share link that it uses, if any. */
export interface Audience {
  readonly account: string;
  readonly share: string | null;
}

/**
 * The callbacks that all viewers of one log share, so that thousands of viewers need no closures of their
 * own.
 */
export interface ViewerSource<Event extends StreamEvent> {
  /** Returns the events after an id, up to the last one that this process knows now. */
  read(after: Event["id"]): Promise<AsyncIterable<Event> | Iterable<Event>>;
  /** Whether a viewer that has caught up is done. */
  readonly isOver: boolean;
  /** Called once, when the viewer has left, was cut off or got everything. */
  leave(viewer: Viewer<Event>): void;
}

/** How a stream is opened. */
export interface ViewerOptions<Event extends StreamEvent> {
  /** The id after which the stream begins. */
  readonly after: Event["id"];
  /** An event to send before those of the log. */
  readonly first?: StreamEvent | undefined;
  readonly encoder: Encoder<Event>;
  /** Without an audience, nothing dismisses the viewer. */
  readonly audience?: Audience | undefined;
  /** Gives the stream's slot back. May be called more than once. */
  readonly release: () => void;
}

/** A stream that can be ended without another stream around it. */
export interface OpenStream {
  /** Ends the stream after what is queued. */
  close(): void;
  /** Calls back once, when the stream has ended or its reader is gone. */
  onEnd(callback: () => void): void;
}

const OPEN = new WeakMap<ReadableStream<Uint8Array>, OpenStream>();

/** Returns the viewer behind a stream; `null` if the stream has none. */
export function openStreamOf(stream: ReadableStream<Uint8Array>): OpenStream | null {
  return OPEN.get(stream) ?? null;
}

// Not a `ByteLengthQueuingStrategy`: creating one loads the runtime's streams before the first page needs
// them.
const QUEUE: QueuingStrategy<Uint8Array> = {
  highWaterMark: QUEUE_BYTES,
  size: (chunk) => chunk.byteLength,
};

/** Streams one log to one viewer. */
export class Viewer<Event extends StreamEvent>
  implements UnderlyingDefaultSource<Uint8Array>, OpenStream {
  readonly stream: ReadableStream<Uint8Array>;
  readonly encoder: Encoder<Event>;
  readonly audience: Audience | undefined;
  readonly #source: ViewerSource<Event>;
  readonly #release: () => void;
  #controller!: ReadableStreamDefaultController<Uint8Array>;
  #after: Event["id"];
  #state: "reading" | "live" | "closed" = "reading";
  /** The log may have more than the current reading returns. */
  #isBehind = true;
  /** Resumes reading when the viewer has read some of its queue. */
  #onRoom: (() => void) | null = null;
  #onEnd: (() => void) | null = null;

  constructor(source: ViewerSource<Event>, options: ViewerOptions<Event>) {
    this.#source = source;
    this.#after = options.after;
    this.encoder = options.encoder;
    this.audience = options.audience;
    this.#release = options.release;
    this.stream = new ReadableStream<Uint8Array>(this, QUEUE);
    OPEN.set(this.stream, this);
    if (options.first !== undefined) this.#controller.enqueue(encodeEvent(options.first));
    void this.#catchUp();
  }

  /** Called by the stream. */
  start(controller: ReadableStreamDefaultController<Uint8Array>): void {
    this.#controller = controller;
  }

  /** Called by the stream when there is room. */
  pull(): void {
    this.#onRoom?.();
    this.#onRoom = null;
  }

  /** Called by the stream when its reader is gone. */
  cancel(): void {
    this.#finish();
  }

  /**
   * Queues live events that directly follow the id `after` and end with the id `last`. A viewer that is
   * at another id reads the log instead. A viewer whose queue is full is cut off, and resumes by id.
   */
  send(after: Event["id"], last: Event["id"], chunk: Uint8Array): void {
    if (this.#state !== "live" || this.#after !== after) return this.wake();
    if (this.#room <= 0) return this.close();
    this.#after = last;
    this.#controller.enqueue(chunk);
  }

  /** Queues a comment, unless the queue is full. */
  comment(comment: Uint8Array): void {
    if (this.#state !== "closed" && this.#room > 0) this.#controller.enqueue(comment);
  }

  /** Queues a comment if nothing is unread: otherwise the connection is not silent. */
  heartbeat(comment: Uint8Array): void {
    if (this.#room === QUEUE_BYTES) this.comment(comment);
  }

  /** Reads the log again: it has more events, or has ended. */
  wake(): void {
    this.#isBehind = true;
    if (this.#state !== "live") return;
    this.#state = "reading";
    void this.#catchUp();
  }

  /** Ends the stream after what is queued. The viewer resumes by id. */
  close(): void {
    if (this.#state === "closed") return;
    this.#finish();
    this.#controller.close();
  }

  onEnd(callback: () => void): void {
    if (this.#state === "closed") return callback();
    const before = this.#onEnd;
    this.#onEnd = before === null ? callback : () => (before(), callback());
  }

  /** The bytes that still fit into the queue; negative if it is too full. */
  get #room(): number {
    return this.#controller.desiredSize ?? 0;
  }

  async #catchUp(): Promise<void> {
    try {
      while (this.#isBehind) {
        this.#isBehind = false;
        for await (const event of await this.#source.read(this.#after)) {
          await this.#roomToRead();
          if (this.#state === "closed") return;
          this.#after = event.id;
          this.#controller.enqueue(this.encoder.encode(event));
        }
      }
      if (this.#state === "closed") return;
      if (this.#source.isOver) this.close();
      else this.#state = "live";
    } catch (error) {
      if (this.#state === "closed") return;
      this.#finish();
      this.#controller.error(error);
    }
  }

  /** Resolves when little of the queue is unread. */
  async #roomToRead(): Promise<void> {
    while (this.#state === "reading" && this.#room < QUEUE_BYTES - REFILL_BYTES) {
      await new Promise<void>((resolve) => {
        this.#onRoom = resolve;
      });
    }
  }

  #finish(): void {
    if (this.#state === "closed") return;
    this.#state = "closed";
    this.#onRoom?.();
    this.#onRoom = null;
    this.#release();
    this.#source.leave(this);
    this.#onEnd?.();
  }
}
