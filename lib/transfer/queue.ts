/**
 * Whose turn it is to import: one at a time, for an import is the most work that one request can make.
 * In the order in which their files arrived.
 */
import type { BodyTimers } from "../base/body.ts";
import { Arrivals } from "./arrival.ts";
import { SYSTEM_TIMERS } from "../runs/pause.ts";

/** Imports of one client address that may be waiting, or on their way, at once. */
const WAITING = 2;
/** The longest wait for a turn (ms). */
export const TURN_MS = 30_000;

/** A place in the queue. To be disposed of whatever happens. */
export interface Place extends Disposable {
  /** Waits for the turn. `false` where it did not come in time. */
  turn(): Promise<boolean>;
}

/** The queue of imports. One per process. */
export class ImportQueue {
  readonly #timers: BodyTimers;
  /** Places of an address that have not had their turn. */
  readonly #waiting = new Map<string, number>();
  readonly #next: (() => void)[] = [];
  #isBusy = false;

  constructor(timers: BodyTimers = SYSTEM_TIMERS) {
    this.#timers = timers;
  }

  /** A place for an address, or `null` where it has as many as it may. */
  enter(address: string): Place | null {
    if ((this.#waiting.get(address) ?? 0) >= WAITING) return null;
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
    }, TURN_MS);
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
    const count = (this.#waiting.get(address) ?? 0) + change;
    // Addresses come and go for as long as the process lives.
    if (count === 0) this.#waiting.delete(address);
    else this.#waiting.set(address, count);
  }
}

/** What imports share in a process. */
export interface Imports {
  readonly arrivals: Arrivals;
  readonly queue: ImportQueue;
}

/** With files in a folder (`null`: the system's own for such). */
export function createImports(folder: string | null): Imports {
  return { arrivals: new Arrivals({ folder }), queue: new ImportQueue() };
}
