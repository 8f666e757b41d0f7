/**
 * Runs that are large are read and rendered one at a time: what one page of them takes is short, and six
 * at once would hold everything else up for as long as all six. Small ones do not wait for them.
 */
import type { BodyTimers } from "../base/body.ts";
import { nextTurn } from "../base/paced.ts";
import { type Place, Queue } from "../base/queue.ts";

/** What a request may read before it waits for its turn (bytes). */
const SMALL_BYTES = 256 * 1024;
/** What is read before anything else gets a turn of the event loop (bytes). */
const STRETCH_BYTES = 512 * 1024;
/** An event takes as long as so many bytes, however short it is. */
export const EVENT_BYTES = 300;
/** A browser opens six connections to a server at once. */
const WAITING = { perAddress: 6, inAll: 48, waitMs: 20_000 };
/** When to try again (s). */
const RETRY_SECONDS = 5;

/** Too many wait already. */
export class ViewsBusyError extends Error {
  override name = "ViewsBusyError";
  readonly retryAfterSeconds = RETRY_SECONDS;

  constructor() {
    super("Many large tasks are being read right now. Try again in a few seconds.");
  }
}

/** Is told of what is read, in bytes, and may make it wait. Rejects with {@linkcode ViewsBusyError}. */
export type Weigh = (bytes: number) => Promise<void> | undefined;

/** The turns of one process. */
export class LargeViews {
  readonly #queue: Queue;

  constructor(timers?: BodyTimers) {
    this.#queue = new Queue(WAITING, timers);
  }

  /** What one request of an address reads. To be disposed of when it is answered. */
  open(address: string): View {
    return new View(this.#queue, address);
  }
}

/** What one request reads. */
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
    // The answer was given without it, for another part of it failed.
    if (this.#isOver) place[Symbol.dispose]();
    // What had the turn before has just rendered.
    await nextTurn();
  }

  [Symbol.dispose](): void {
    this.#isOver = true;
    if (this.#isTurn) this.#place?.[Symbol.dispose]();
  }
}
