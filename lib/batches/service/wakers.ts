/** Wake-ups for the holder of a batch and for its sender. */
import { pause, SYSTEM_TIMERS, type Timers } from "../../base/mod.ts";

/** The longest wait: commands, and runs that another process records, cause no wake-up (ms). */
const TICK_MS = 1_000;
/** Changes within this time go into one commit (ms). */
const GATHER_MS = 50;

/** Wakes the holder and the sender. Each has its own wake-up: one must not take it from the other. */
export class Wakers {
  readonly #timers: Timers;
  readonly #wakers = {
    holder: Promise.withResolvers<void>(),
    sender: Promise.withResolvers<void>(),
  };

  constructor(timers: Timers = SYSTEM_TIMERS) {
    this.#timers = timers;
  }

  /** Call this when something about the batch may have changed. */
  wake(): void {
    for (const waker of Object.values(this.#wakers)) waker.resolve();
  }

  /** Call this when the holder has changed what there is to send. */
  wakeSender(): void {
    this.#wakers.sender.resolve();
  }

  /** Waits for a change since the last wait, at most {@linkcode TICK_MS}. Rejects with the signal's reason. */
  async wait(who: "holder" | "sender", signal: AbortSignal): Promise<void> {
    const late = new AbortController();
    const waited = pause(TICK_MS, AbortSignal.any([signal, late.signal]), this.#timers)
      .catch(() => {});
    await Promise.race([this.#wakers[who].promise, waited]);
    late.abort();
    signal.throwIfAborted();
    await pause(GATHER_MS, signal, this.#timers);
    this.#wakers[who] = Promise.withResolvers();
  }
}
