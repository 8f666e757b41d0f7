/**
 * One viewer of a live run: a bounded queue that is first filled from the log, then by the run's tail.
 */
import type { LogEvent } from "../model/mod.ts";

/** A live viewer may have this much unread (bytes); one event is always admitted, however large. */
const QUEUE_BYTES = 1 << 20;
/** While catching up, read on from the log only when less than this is unread (bytes). */
const REFILL_BYTES = 64 * 1024;

/** What the viewers of one run share: thousands of them have no closures of their own. */
export interface ViewerSource {
  /** The durable events from an id on. */
  read(from: number): Promise<AsyncIterable<LogEvent>>;
  encode(event: LogEvent): Uint8Array;
  /** Where the log ends now. */
  readonly lastId: number;
  /** It ends there for good. */
  readonly ended: boolean;
  /** The viewer left, was cut loose, or got everything. Called once. */
  leave(viewer: Viewer): void;
}

const QUEUE = new ByteLengthQueuingStrategy({ highWaterMark: QUEUE_BYTES });

/** Streams one run's log to one viewer. */
export class Viewer implements UnderlyingDefaultSource<Uint8Array> {
  readonly stream: ReadableStream<Uint8Array>;
  /** Gives back what the stream takes of its owner's limit. */
  readonly release: () => void;
  readonly #source: ViewerSource;
  #controller!: ReadableStreamDefaultController<Uint8Array>;
  #next: number;
  #state: "reading" | "live" | "closed" = "reading";
  /** Resumes reading once the viewer has made room. */
  #onRoom: (() => void) | null = null;

  /** Sends what comes from the id `from` on. */
  constructor(source: ViewerSource, from: number, release: () => void) {
    this.#source = source;
    this.#next = from;
    this.release = release;
    this.stream = new ReadableStream<Uint8Array>(this, QUEUE);
    // Not before the caller knows the viewer: catching up may end with its leaving.
    queueMicrotask(() => void this.#catchUp());
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

  /** Queues live events `first` … `last`, encoded as one chunk. */
  send(first: number, last: number, frame: Uint8Array): void {
    // Still catching up: the log has these events too.
    if (this.#state !== "live") return;
    if (first !== this.#next) return this.wake();
    if (this.#room <= 0) return this.close();
    this.#next = last + 1;
    this.#controller.enqueue(frame);
  }

  /** Queues a comment, unless something unread already keeps the connection alive. */
  comment(frame: Uint8Array): void {
    if (this.#state === "live" && this.#room === QUEUE_BYTES) this.#controller.enqueue(frame);
  }

  /** Something changed that only the log tells: read on from there, or end. */
  wake(): void {
    if (this.#state !== "live") return;
    this.#state = "reading";
    void this.#catchUp();
  }

  /** Ends the stream after what is queued; the viewer resumes by id. */
  close(): void {
    if (this.#state === "closed") return;
    this.#finish();
    this.#controller.close();
  }

  get #room(): number {
    return this.#controller.desiredSize ?? 0;
  }

  async #catchUp(): Promise<void> {
    try {
      while (this.#state === "reading") {
        const { lastId, ended } = this.#source;
        if (this.#next > lastId) {
          if (ended) this.close();
          else this.#state = "live";
          return;
        }
        await this.#readLog();
      }
    } catch (error) {
      if (this.#state === "closed") return;
      this.#finish();
      this.#controller.error(error);
    }
  }

  async #readLog(): Promise<void> {
    for await (const event of await this.#source.read(this.#next)) {
      await this.#roomToRead();
      if (this.#state !== "reading") return;
      this.#next = event.id + 1;
      this.#controller.enqueue(this.#source.encode(event));
    }
  }

  /** Resolves when the viewer has little left unread. */
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
    this.release();
    this.#source.leave(this);
  }
}
