/**
 * Large runs are read and rendered one at a time. One takes a short time, but six at once would block
 * everything else for the time of all six. Small runs do not wait.
 */
import { nextTurn, type Place, Queue, type Timers, turnsAfter } from "../base/mod.ts";
import { HeldBytes } from "./held.ts";
import { Scratch } from "./scratch.ts";
import { Spool } from "./spool.ts";

/** How much a request may read before it must wait for its turn (bytes). */
const SMALL_BYTES = 256 * 1024;
/** How much is read before the event loop continues with other work (bytes). */
const STRETCH_BYTES = 512 * 1024;
/** The approximate time to render a page of a large run (ms). */
const RENDER_MS = 100;
/** The smallest weight of an event (bytes): short events take time too. */
const EVENT_BYTES = 300;
/** A browser opens six connections to a server at once, and a turn takes up to a second of work. */
const WAITING = { perAddress: 6, inAll: 48, waitMs: 60_000 };
/** When to try again (s). */
const RETRY_SECONDS = 5;

/** What downloads under way may keep for their readers before another begins, of an address and in all (bytes). */
const MIB = 1024 * 1024;
const HELD = { perAddress: 128 * MIB, inAll: 1024 * MIB };
/** The same without a disk. */
const HELD_IN_MEMORY = { perAddress: 16 * MIB, inAll: 64 * MIB };
/** A download that has lasted this long, and will last this long still, may give way to another (ms). */
const GIVES_WAY_MS = 60_000;

/** Thrown when too many requests wait, or too many downloads are being sent. */
export class ViewsBusyError extends Error {
  override name = "ViewsBusyError";
  readonly retryAfterSeconds = RETRY_SECONDS;

  constructor() {
    super("Many large tasks are being read right now. Try again in a few seconds.");
  }
}

/** Counts bytes that are read, and may make the reader wait. Rejects with {@linkcode ViewsBusyError}. */
export type Weigh = (bytes: number) => Promise<void> | undefined;

/** Counts the events that are read. */
export const weighEvents = (weigh: Weigh): Weigh => (bytes) => weigh(bytes + EVENT_BYTES);

/** The turns of one process, and what its downloads keep for their readers. */
export class LargeViews {
  readonly #queue: Queue;
  readonly #open: () => Promise<Scratch | null>;
  readonly #held: HeldBytes;
  readonly #timers: Timers | undefined;
  readonly #clock: (() => number) | undefined;
  /** The downloads of which something waits, and their addresses. */
  readonly #waiting = new Map<Spool, string>();

  /** Keeps files in a folder (`null`: the system's for temporary files). */
  constructor(
    timers?: Timers,
    open = () => Scratch.open(null),
    limits = HELD,
    clock?: () => number,
  ) {
    this.#held = new HeldBytes(limits);
    this.#queue = new Queue(WAITING, timers);
    this.#open = open;
    this.#timers = timers;
    this.#clock = clock;
  }

  /** Tracks what one request of an address reads. Dispose of it when the request is answered. */
  open(address: string): View {
    return new View(this.#queue, this, address);
  }

  /**
   * A download of an address. If all the room is taken, the one that would take most of it for longest gives way.
   * Throws {@linkcode ViewsBusyError} if too much waits for readers still.
   */
  download(address: string): Spool {
    const held = this.#held;
    while (held.isCrowdedOut(address, 1)) {
      const costliest = this.#costliest();
      if (costliest === null) break;
      costliest.cutShort();
    }
    if (!held.hasRoom(address, 1)) throw new ViewsBusyError();
    const spool = new Spool({
      open: async () => {
        const scratch = await this.#open();
        if (scratch === null) held.limits = HELD_IN_MEMORY;
        return scratch;
      },
      count: (bytes) => {
        held.add(address, bytes);
        if (spool.pace === null) this.#waiting.delete(spool);
        else this.#waiting.set(spool, address);
      },
      timers: this.#timers,
      clock: this.#clock,
    });
    return spool;
  }

  /**
   * The download with the most time left, by the bytes that its address holds: many small ones of an address take
   * as much room as a large one, and a slow reader of little takes little.
   */
  #costliest(): Spool | null {
    let most = 0, costliest: Spool | null = null;
    for (const [spool, address] of this.#waiting) {
      const { ms = 0, leftMs = 0 } = spool.pace ?? {};
      if (Math.min(ms, leftMs) < GIVES_WAY_MS) continue;
      const cost = leftMs * this.#held.of(address);
      if (cost > most) [most, costliest] = [cost, spool];
    }
    return costliest;
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
  #spool: Spool | null = null;

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

  /** Whether {@linkcode send} makes the answer, and ends the view when it is made. */
  get isSending(): boolean {
    return this.#spool !== null;
  }

  /**
   * Returns an answer made of what was read as a stream. That of a large run is made whole in this turn,
   * however slow its reader is. Throws {@linkcode ViewsBusyError} if too much waits for readers already.
   */
  send(answer: ReadableStream<Uint8Array<ArrayBuffer>>): ReadableStream<Uint8Array<ArrayBuffer>> {
    if (this.#bytes <= SMALL_BYTES) return answer;
    const spool = this.#views.download(this.#address);
    this.#spool = spool;
    void spool.made().then(() => this.pass());
    return spool.stream(answer, { isEager: true });
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
    await turnsAfter(RENDER_MS);
  }

  [Symbol.dispose](): void {
    this.#spool?.[Symbol.dispose]();
    this.pass();
  }
}
