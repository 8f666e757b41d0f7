/**
 * Checks whether a failed store accepts writes again, on the current connection or a new one.
 *
 * A request on a Deno client handle that has not fetched its metadata yet keeps the main thread busy until
 * it has. That starves Deno's work on other threads, such as WebCrypto and files (Deno 2.9.6). So the
 * current connection is tried first, and a new handle is opened only after the store has answered a request
 * of our own.
 */
import { isRefusal, reasonOf, RefusedError, StoreAwayError } from "./store_errors.ts";

/** The test write's key. Nothing reads it. */
const PROBE_KEY = ["probe"];
const PROBE_EXPIRES_MS = 60_000;

/** The dependencies of a check. */
export interface StoreProbeOptions {
  /** Opens the same store again. */
  readonly open: () => Promise<Deno.Kv>;
  /** Checks without Deno's client whether the store is up. Rejects if it is not. */
  readonly reach: (signal: AbortSignal) => Promise<void>;
  /** Rejects with {@linkcode StoreAwayError} after a deadline. */
  readonly inTime: <T>(asked: Promise<T>) => Promise<T>;
  /** Unix ms. */
  readonly now: () => number;
}

/** Checks a store repeatedly. */
export class StoreProbe {
  readonly #options: StoreProbeOptions;
  /** The test write on the current connection, while it is pending. */
  #pending: Promise<unknown> | null = null;

  constructor(options: StoreProbeOptions) {
    this.#options = options;
  }

  /**
   * Resolves when the store has accepted a write: with the new connection that made it, or with `null` if
   * the current one works. Rejects with {@linkcode RefusedError} if the store responds but does not accept
   * writes, and with the reason if it is unreachable.
   */
  async reconnect(inUse: Deno.Kv): Promise<Deno.Kv | null> {
    const { inTime } = this.#options;
    if (await this.#acceptsWrites(inUse)) return null;
    const fresh = await this.#open();
    const written = this.#write(fresh);
    try {
      await inTime(written);
    } catch (error) {
      // Close it after the write only: a closed handle cannot fetch its metadata, and the write would spin
      // for ever.
      written.catch(() => {}).finally(() => fresh.close());
      throw error;
    }
    this.#pending = null;
    return fresh;
  }

  /** One write per outage is enough: Deno's client repeats it until it gets a response. */
  async #acceptsWrites(kv: Deno.Kv): Promise<boolean> {
    this.#pending ??= this.#write(kv);
    try {
      await this.#options.inTime(this.#pending);
      this.#pending = null;
      return true;
    } catch (error) {
      if (error instanceof StoreAwayError) return false;
      this.#pending = null;
      if (error instanceof RefusedError) throw error;
      // This connection is unusable. Another may work.
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
    // A connection that opens after its deadline is unused: close it.
    opening.then((kv) => isLate && kv.close(), () => {});
    try {
      return await inTime(opening);
    } catch (error) {
      isLate = true;
      throw error;
    }
  }
}
