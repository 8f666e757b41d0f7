/**
 * Runs work that would block the event loop one piece at a time, in order of request. Bounds how much may wait,
 * per address and in all, and for how long.
 */
import { SYSTEM_TIMERS, type Timers } from "./timers.ts";

/** How much may wait. */
export interface QueueLimits {
  /** Places of one address that have not had their turn. */
  readonly perAddress: number;
  /** Places of all addresses that have not had their turn; unbounded by default. */
  readonly inAll?: number;
  /** The longest wait for a turn (ms). */
  readonly waitMs: number;
}

/** A place in the queue. Always dispose of it. */
export interface Place extends Disposable {
  /** Waits for the turn of this place. Resolves to `false` if it does not come in time. */
  turn(): Promise<boolean>;
}

/** The queue of one kind of work in a process. */
export class Queue {
  readonly #limits: QueueLimits;
  readonly #timers: Timers;
  /** Places of an address that have not had their turn. */
  readonly #waiting = new Map<string, number>();
  #inAll = 0;
  readonly #next: (() => void)[] = [];
  #isBusy = false;

  constructor(limits: QueueLimits, timers: Timers = SYSTEM_TIMERS) {
    this.#limits = limits;
    this.#timers = timers;
  }

  /** Takes a place for an address. Returns `null` if the address or the whole queue has none left. */
  enter(address: string): Place | null {
    const { perAddress, inAll = Infinity } = this.#limits;
    if (this.#inAll >= inAll || (this.#waiting.get(address) ?? 0) >= perAddress) return null;
    this.#count(address, 1);
    let state: "waiting" | "busy" | "over" = "waiting";
    const leave = (next: "busy" | "over") => {
      if (state === "waiting") this.#count(address, -1);
      if (state === "busy") this.#pass();
      if (state !== "over") state = next;
    };
    return {
      turn: async () => {
        const isTurn = await this.#turn();
        leave(isTurn ? "busy" : "over");
        return isTurn;
      },
      [Symbol.dispose]: () => leave("over"),
    };
  }

  #turn(): Promise<boolean> {
    if (!this.#isBusy) {
      this.#isBusy = true;
      return Promise.resolve(true);
    }
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const timer = this.#timers.setTimeout(() => {
      this.#next.splice(this.#next.indexOf(start), 1);
      resolve(false);
    }, this.#limits.waitMs);
    const start = () => {
      this.#timers.clearTimeout(timer);
      resolve(true);
    };
    this.#next.push(start);
    return promise;
  }

  #pass(): void {
    const next = this.#next.shift();
    if (next === undefined) this.#isBusy = false;
    else next();
  }

  #count(address: string, change: 1 | -1): void {
    this.#inAll += change;
    const count = (this.#waiting.get(address) ?? 0) + change;
    // Forget addresses without requests: the process outlives them.
    if (count === 0) this.#waiting.delete(address);
    else this.#waiting.set(address, count);
  }
}
