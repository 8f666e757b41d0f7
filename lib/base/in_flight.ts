/**
 * Work that must not be cut short: creates are billed from the moment they are sent, and what came of one
 * must be stored, whether or not the request that sent it waits.
 */
import type { Timers } from "./timers.ts";
import { type Log, reasonOf } from "./log.ts";
import { pause } from "./timers.ts";

/** A failing store is tried again after so long, twice as long each time up to the second figure (ms). */
const RETRY_MS = 100;
const MAX_RETRY_MS = 2_000;
/** A store that is away for longer is a matter for people (ms). */
const GIVE_UP_MS = 10 * 60_000;
/** How long a request waits for its write (ms): a page says within 2 s that the store is away. */
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

  /** Work to finish even if no caller waits for it. */
  track<T>(work: Promise<T>): Promise<T> {
    const settled = work.catch(() => {}).finally(() => this.#work.delete(settled));
    this.#work.add(settled);
    return work;
  }

  /**
   * Makes a write, again while it fails, for 10 minutes. Resolves when it is made or given up, and after
   * 1.5 s at the latest; never rejects. The write must be safe to repeat.
   */
  async insist(write: () => Promise<unknown>): Promise<void> {
    const over = new AbortController();
    const made = this.track(this.#make(write)).finally(() => over.abort());
    const waited = pause(REQUEST_WAITS_MS, over.signal, this.#context.timers).catch(() => {});
    await Promise.race([made, waited]);
  }

  /** Resolves when nothing is under way. */
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
