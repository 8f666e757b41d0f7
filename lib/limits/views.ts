/**
 * Large runs are read and rendered one at a time. One takes a short time, but six at once would block
 * everything else for the time of all six. Small runs do not wait.
 */
import type { BodyTimers } from "../base/body.ts";
import { nextTurn } from "../base/paced.ts";
import { type Place, Queue } from "../base/queue.ts";

/** How much a request may read before it must wait for its turn (bytes). */
const SMALL_BYTES = 256 * 1024;
/** How much is read before the event loop continues with other work (bytes). */
const STRETCH_BYTES = 512 * 1024;
/** The smallest weight of an event (bytes): short events take time too. */
export const EVENT_BYTES = 300;
/** A browser opens six connections to a server at once. */
const WAITING = { perAddress: 6, inAll: 48, waitMs: 20_000 };
/** When to try again (s). */
const RETRY_SECONDS = 5;

/** Too many requests are waiting already. */
export class ViewsBusyError extends Error {
  override name = "ViewsBusyError";
  readonly retryAfterSeconds = RETRY_SECONDS;

  constructor() {
    super("Many large tasks are being read right now. Try again in a few seconds.");
  }
}

/** Counts bytes that are read, and may make the reader wait. Rejects with {@linkcode ViewsBusyError}. */
export type Weigh = (bytes: number) => Promise<void> | undefined;

/** The turns of one process. */
export class LargeViews {
  readonly #queue: Queue;

  constructor(timers?: BodyTimers) {
    this.#queue = new Queue(WAITING, timers);
  }

  /** Tracks what one request of an address reads. Dispose of it when the request is answered. */
  open(address: string): View {
    return new View(this.#queue, address);
  }
}

/** Tracks what one request reads. */
export class View implements Disposable {
  readonly #queue: Queue;
  readonly #address: string;
  #bytes = 0;
  #stretch = 0;
  #place: Place | null = null;
  #turn: Promise<void> | null = null;
  #isTurn = false;
  #isOver = false;

  constructor(queue: Queue, address: string) {
    this.#queue = queue;
    this.#address = address;
  }

  readonly weigh: Weigh = (bytes) => {
    this.#bytes += bytes;
    if (this.#bytes <= SMALL_BYTES) return undefined;
    if (this.#turn === null) return this.#turn = this.#wait();
    this.#stretch += bytes;
    if (this.#stretch < STRETCH_BYTES) return this.#isTurn ? undefined : this.#turn;
    this.#stretch = 0;
    return this.#turn.then(() => nextTurn());
  };

  async #wait(): Promise<void> {
    const place = this.#queue.enter(this.#address);
    if (place === null) throw new ViewsBusyError();
    this.#place = place;
    if (!await place.turn()) throw new ViewsBusyError();
    this.#isTurn = true;
    // Another part of the request failed, and it was answered without this turn.
    if (this.#isOver) place[Symbol.dispose]();
    // The request before has just rendered: let other work run first.
    await nextTurn();
  }

  [Symbol.dispose](): void {
    this.#isOver = true;
    if (this.#isTurn) this.#place?.[Symbol.dispose]();
  }
}
