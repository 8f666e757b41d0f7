/**
 * Large runs are read and rendered one at a time. One takes a short time, but six at once would block
 * everything else for the time of all six. Small runs do not wait.
 */
import { nextTurn, type Place, Queue, type Timers } from "../base/mod.ts";

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

/** What downloads under way may hold, those of one address and all together (bytes): six of the largest runs, and twelve. */
const HELD = { perAddress: 120 * 1024 * 1024, inAll: 240 * 1024 * 1024 };

/** Too many wait already, or are being sent. */
export class ViewsBusyError extends Error {
  override name = "ViewsBusyError";
  readonly retryAfterSeconds = RETRY_SECONDS;

  constructor() {
    super("Many large tasks are being read right now. Try again in a few seconds.");
  }
}

/** Counts bytes that are read, and may make the reader wait. Rejects with {@linkcode ViewsBusyError}. */
export type Weigh = (bytes: number) => Promise<void> | undefined;

/** The turns of one process, and what its downloads hold. */
export class LargeViews {
  readonly #queue: Queue;
  /** Bytes by address. */
  readonly #held = new Map<string, number>();
  #heldInAll = 0;
  #waiting: (() => void)[] = [];

  constructor(timers?: Timers) {
    this.#queue = new Queue(WAITING, timers);
  }

  /** Tracks what one request of an address reads. Dispose of it when the request is answered. */
  open(address: string): View {
    return new View(this.#queue, this, address);
  }

  /** Whether one more download of the address may be under way: there is always room for the first. */
  hasRoom(address: string, bytes = 0): boolean {
    const own = this.#held.get(address) ?? 0;
    return this.#heldInAll === 0 ||
      (own + bytes <= HELD.perAddress && this.#heldInAll + bytes <= HELD.inAll);
  }

  /** Resolves when {@linkcode hasRoom} is true. */
  async room(address: string): Promise<void> {
    while (!this.hasRoom(address)) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  /** Counts what a download holds; a negative number when it is over. */
  hold(address: string, bytes: number): void {
    this.#heldInAll += bytes;
    const own = (this.#held.get(address) ?? 0) + bytes;
    // Addresses come and go for as long as the process lives.
    if (own === 0) this.#held.delete(address);
    else this.#held.set(address, own);
    if (bytes > 0) return;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const look of waiting) look();
  }
}

/** Tracks what one request reads. */
export class View implements Disposable {
  readonly #queue: Queue;
  readonly #views: LargeViews;
  readonly #address: string;
  #bytes = 0;
  #stretch = 0;
  #place: Place | null = null;
  #turn: Promise<void> | null = null;
  #isTurn = false;
  #isOver = false;
  #held = 0;

  constructor(queue: Queue, views: LargeViews, address: string) {
    this.#queue = queue;
    this.#views = views;
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

  /** Whether what was read is still held when the request is answered: see {@linkcode keep}. */
  get isKept(): boolean {
    return this.#held > 0;
  }

  /**
   * What was read is held until the answer is sent, which a slow reader may put off: to be disposed of
   * then. The next one has its turn. Throws {@linkcode ViewsBusyError} where too much is held already.
   */
  keep(): void {
    if (this.#bytes <= SMALL_BYTES) return;
    if (!this.#views.hasRoom(this.#address, this.#bytes)) throw new ViewsBusyError();
    this.hold();
  }

  /** As {@linkcode keep}, for what waited for room before. */
  hold(): void {
    this.#views.hold(this.#address, this.#bytes - this.#held);
    this.#held = this.#bytes;
    this.pass();
  }

  /** Gives the turn to the next one. */
  pass(): void {
    this.#isOver = true;
    if (this.#isTurn) this.#place?.[Symbol.dispose]();
  }

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
    this.pass();
    if (this.#held > 0) this.#views.hold(this.#address, -this.#held);
    this.#held = 0;
  }
}
