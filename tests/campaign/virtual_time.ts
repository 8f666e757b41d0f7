/** Time that moves only when a test advances it. */
import { setImmediate } from "node:timers";
import { nextTurn } from "../../lib/base/paced.ts";

/** A timer that waits for its time. */
interface Waiting {
  readonly id: number;
  readonly atMs: number;
  readonly run: () => void;
}

/** When every simulated world begins (Unix ms). */
export const START_MS = 1_000_000;

/** Timers and a clock for a whole simulated world. */
export class VirtualTime {
  #nowMs = START_MS;
  #nextId = 1;
  readonly #waiting = new Map<number, Waiting>();

  readonly #outside: () => Promise<unknown> | undefined;

  /** `outside` is work outside of the event loop, if there is any. The clock waits for it. */
  constructor(outside: () => Promise<unknown> | undefined = () => undefined) {
    this.#outside = outside;
  }

  readonly now = (): number => this.#nowMs;

  readonly setTimeout = (run: () => void, ms: number): number => {
    const id = this.#nextId++;
    this.#waiting.set(id, { id, atMs: this.#nowMs + Math.max(0, ms), run });
    return id;
  };

  readonly clearTimeout = (id: unknown): void => {
    if (typeof id === "number") this.#waiting.delete(id);
  };

  /** Timers that wait. */
  get pending(): number {
    return this.#waiting.size;
  }

  /** Jumps to the next timer and runs it; `false` where none waits (until `untilMs`). */
  step(untilMs = Infinity): boolean {
    let next: Waiting | undefined;
    for (const waiting of this.#waiting.values()) {
      // Of two at one time the first that was set, as in a browser.
      if (next === undefined || waiting.atMs < next.atMs) next = waiting;
    }
    if (next === undefined || next.atMs > untilMs) return false;
    this.#waiting.delete(next.id);
    this.#nowMs = Math.max(this.#nowMs, next.atMs);
    next.run();
    return true;
  }

  /** Advances by `ms`. Runs all timers that are due, in order, and what they cause. */
  async pass(ms: number): Promise<void> {
    const untilMs = this.#nowMs + ms;
    do await this.settled(); while (this.step(untilMs));
    this.#nowMs = untilMs;
  }

  /** Lets time pass, timer by timer, until the promise settles. Rejects after `mostSteps` timers. */
  async until<T>(promise: Promise<T>, mostSteps: number): Promise<T> {
    let done = false;
    const outcome = promise.finally(() => done = true);
    outcome.catch(() => {});
    for (let steps = 0;; steps++) {
      await this.settled();
      if (done) return await outcome;
      if (steps > mostSteps) throw new Error(`Nothing came of it in ${this.#nowMs} ms`);
      // Work outside of the event loop takes real time.
      for (let turns = 0; !done && !this.step(); turns++) {
        if (turns > 1000) throw new Error("Everything waits, and no timer is set");
        // So do pauses within long work. A thousand turns without a timer may be over before one of them.
        await nextTurn();
        await this.settled();
      }
    }
  }

  /** Resolves when all microtasks, and those that they queue, have run. */
  async settled(): Promise<void> {
    do {
      await this.#outside();
      await new Promise<void>((resolve) => void setImmediate(resolve));
    } while (this.#outside() !== undefined);
  }
}
