/**
 * Tracks work that must finish: a create is billed once it is sent, so its outcome must be stored even if the
 * request that sent it is gone.
 */
import type { Timers } from "./timers.ts";
import { type Log, reasonOf } from "./log.ts";
import { pause } from "./timers.ts";

/** The wait before a failed write is repeated (ms). It doubles each time, up to the second value. */
const RETRY_MS = 100;
const MAX_RETRY_MS = 2_000;
/** How long a write is repeated (ms). After that, an operator has to act. */
const GIVE_UP_MS = 10 * 60_000;
/** How long a request waits for its write (ms): a page must report a store outage within 2 s. */
const REQUEST_WAITS_MS = 1_500;

/** The dependencies of {@linkcode InFlight}. */
export interface InFlightContext {
  readonly now: () => number;
  readonly timers?: Timers | undefined;
  readonly log: Log;
}

/** Counts work in progress, and resolves when there is none. */
export class InFlight {
  readonly #context: InFlightContext;
  readonly #work = new Set<Promise<unknown>>();

  constructor(context: InFlightContext) {
    this.#context = context;
  }

  /** Tracks work that must finish even if no caller waits for it. Returns the same promise. */
  track<T>(work: Promise<T>): Promise<T> {
    const settled = work.catch(() => {}).finally(() => this.#work.delete(settled));
    this.#work.add(settled);
    return work;
  }

  /**
   * Repeats a write until it succeeds, for at most 10 minutes. Resolves when the write has succeeded or is given
   * up, and after 1.5 s at the latest. Never rejects. The write must be safe to repeat.
   */
  async retryWrite(write: () => Promise<unknown>): Promise<void> {
    const over = new AbortController();
    const made = this.track(this.#make(write)).finally(() => over.abort());
    const waited = pause(REQUEST_WAITS_MS, over.signal, this.#context.timers).catch(() => {});
    await Promise.race([made, waited]);
  }

  /** Resolves when no work is in progress. */
  async idle(): Promise<void> {
    while (this.#work.size > 0) await Promise.all(this.#work);
  }

  async #make(write: () => Promise<unknown>): Promise<void> {
    const { log, now, timers } = this.#context;
    const startedMs = now();
    for (let waitMs = RETRY_MS;; waitMs = Math.min(MAX_RETRY_MS, 2 * waitMs)) {
      try {
        await write();
        return;
      } catch (error) {
        if (now() - startedMs > GIVE_UP_MS) {
          return log("error", "what the API made is not stored", { reason: reasonOf(error) });
        }
        await pause(waitMs, new AbortController().signal, timers);
      }
    }
  }
}
