/**
 * Looks whether a store that failed takes writes again, on the connection in use or on a new one.
 *
 * A request on a handle of Deno's client that has not fetched its metadata yet keeps the main thread busy
 * until it has, and starves what Deno does on other threads, such as WebCrypto and files (Deno 2.9.6). So
 * the connection in use is tried first, and a new handle is opened only when the store has just answered a
 * request of our own.
 */
import { isRefusal, reasonOf, RefusedError, StoreAwayError } from "./store_errors.ts";

/** What a look writes; nothing reads it. */
const PROBE_KEY = ["probe"];
const PROBE_EXPIRES_MS = 60_000;

/** What a look needs of the connection. */
export interface StoreLookOptions {
  /** Opens the same store once more. */
  readonly open: () => Promise<Deno.Kv>;
  /** Asks without Deno's client whether the store is there. Rejects if it is not. */
  readonly reach: (signal: AbortSignal) => Promise<void>;
  /** Rejects with {@linkcode StoreAwayError} where something takes too long. */
  readonly inTime: <T>(asked: Promise<T>) => Promise<T>;
  /** Unix ms. */
  readonly now: () => number;
}

/** Looks at a store, again and again. */
export class StoreLook {
  readonly #options: StoreLookOptions;
  /** The write that tries the connection in use, while it is not answered. */
  #pending: Promise<unknown> | null = null;

  constructor(options: StoreLookOptions) {
    this.#options = options;
  }

  /**
   * Resolves when the store has taken a write: with the new connection that took it, or with `null` where
   * the one in use is good. Rejects with {@linkcode RefusedError} where the store answers and takes no
   * writes, and with the reason where it cannot be reached.
   */
  async take(inUse: Deno.Kv): Promise<Deno.Kv | null> {
    const { inTime } = this.#options;
    if (await this.#takesWrites(inUse)) return null;
    const fresh = await this.#open();
    const written = this.#write(fresh);
    try {
      await inTime(written);
    } catch (error) {
      // Closed earlier, a handle would not fetch its metadata any more, and the write would spin for ever.
      written.catch(() => {}).finally(() => fresh.close());
      throw error;
    }
    this.#pending = null;
    return fresh;
  }

  /** One write is enough for a whole outage: Deno's client repeats it until it is answered. */
  async #takesWrites(kv: Deno.Kv): Promise<boolean> {
    this.#pending ??= this.#write(kv);
    try {
      await this.#options.inTime(this.#pending);
      this.#pending = null;
      return true;
    } catch (error) {
      if (error instanceof StoreAwayError) return false;
      this.#pending = null;
      if (error instanceof RefusedError) throw error;
      // This connection is of no use any more; another one may be.
      return false;
    }
  }

  async #write(kv: Deno.Kv): Promise<void> {
    try {
      await kv.set(PROBE_KEY, this.#options.now(), { expireIn: PROBE_EXPIRES_MS });
    } catch (error) {
      throw isRefusal(error) ? new RefusedError(reasonOf(error)) : error;
    }
  }

  async #open(): Promise<Deno.Kv> {
    const { inTime, open, reach } = this.#options;
    const stop = new AbortController();
    try {
      await inTime(reach(stop.signal));
    } finally {
      stop.abort();
    }
    const opening = open();
    let isLate = false;
    // One that opens after its deadline is of no use.
    opening.then((kv) => isLate && kv.close(), () => {});
    try {
      return await inTime(opening);
    } catch (error) {
      isLate = true;
      throw error;
    }
  }
}
