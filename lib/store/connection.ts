/**
 * The connection to a remote store: every request has a deadline, and a stalled connection is replaced.
 *
 * Deno's KV Connect client has no timeout. It retries a request that gets a 5xx or no response every 0.2 s
 * without a limit, even after its handle was closed (Deno 2.9.6). So a request abandoned here may still be
 * served later. The committer ensures that a write is served once.
 */
import { SYSTEM_TIMERS, type Timers } from "../base/mod.ts";
import {
  isMetadataError,
  isRefusal,
  reasonOf,
  RefusedError,
  StoreAwayError,
} from "./store_errors.ts";
import { StoreProbe } from "./store_probe.ts";

/** The state of the store, as the last requests showed it. */
export interface StoreState {
  /**
   * `refusing`: it answers reads but does not accept writes. `away`: it does not respond, or refuses reads.
   */
  readonly is: "ok" | "refusing" | "away";
  /** Since when (Unix ms). */
  readonly sinceMs: number;
  /** The client's reason; empty while the state is `ok`. */
  readonly reason: string;
  /** The store rejects this process (401, 403): waiting alone will not help, a restart may. */
  readonly isStuck: boolean;
}

/** The dependencies of a connection. */
export interface ConnectionOptions {
  /** Opens the same store again. */
  readonly open: () => Promise<Deno.Kv>;
  /** Checks without Deno's client whether the store is up. Rejects if it is not. */
  readonly reach?: (signal: AbortSignal) => Promise<void>;
  /** Times in ms; defaults to {@linkcode CONNECTION_TIMES}. */
  readonly times?: Partial<typeof CONNECTION_TIMES>;
  readonly now?: () => number;
  readonly timers?: Timers;
}

/**
 * A page reads a few times and must report an unavailable store within 2 s. One stalled read, the wait for a
 * new connection, and a second try fit into that.
 */
export const CONNECTION_TIMES = {
  /** One read. */
  readMs: 700,
  /** One write, of up to 800 KB. */
  writeMs: 1_500,
  /** How long a request waits for a new connection before it fails. */
  graceMs: 300,
  /** The time between checks for whether an unavailable store is back. */
  probeMs: 500,
};

/** Sends requests with deadlines, and tracks the store's state. */
export class Connection {
  #kv: Deno.Kv;
  readonly #storeProbe: StoreProbe;
  readonly #times: typeof CONNECTION_TIMES;
  readonly #now: () => number;
  readonly #timers: Timers;
  #state: StoreState;
  /** Resolves when the store is available again; `null` while it is. */
  #back: PromiseWithResolvers<void> | null = null;
  #probeTimer: unknown;
  #closed = false;
  readonly #listeners = new Set<(state: StoreState) => void>();

  constructor(kv: Deno.Kv, options: ConnectionOptions) {
    this.#kv = kv;
    this.#times = { ...CONNECTION_TIMES, ...options.times };
    this.#now = options.now ?? Date.now;
    this.#timers = options.timers ?? SYSTEM_TIMERS;
    this.#state = { is: "ok", sinceMs: this.#now(), reason: "", isStuck: false };
    this.#storeProbe = new StoreProbe({
      open: options.open,
      reach: options.reach ?? (() => Promise.resolve()),
      inTime: (asked) => this.#inTime(asked, this.#times.writeMs),
      now: this.#now,
    });
  }

  /** The current handle. Changes when the connection is replaced. */
  get kv(): Deno.Kv {
    return this.#kv;
  }

  get closed(): boolean {
    return this.#closed;
  }

  get state(): StoreState {
    return this.#state;
  }

  /** Calls `listener` at every state change until the returned function is called. */
  onState(listener: (state: StoreState) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Resolves when the store accepts reads and writes. Rejects with the signal's reason. */
  async back(signal?: AbortSignal): Promise<void> {
    while (this.#back !== null) {
      signal?.throwIfAborted();
      const aborted = Promise.withResolvers<never>();
      aborted.promise.catch(() => {});
      const abort = () => aborted.reject(signal?.reason);
      signal?.addEventListener("abort", abort, { once: true });
      try {
        await Promise.race([this.#back.promise, aborted.promise]);
      } finally {
        signal?.removeEventListener("abort", abort);
      }
    }
  }

  /** Reads. Retries a stalled read once, on a new connection. Throws {@linkcode StoreAwayError}. */
  async read<T>(ask: (kv: Deno.Kv) => Promise<T>): Promise<T> {
    for (let isRetry = false;; isRetry = true) {
      if (this.#state.is === "away" && !await this.#recovers()) throw this.#awayError();
      try {
        return await this.#inTime(ask(this.#kv), this.#times.readMs);
      } catch (error) {
        const judged = this.#judge(error, "away");
        if (isRetry || !(judged instanceof StoreAwayError)) throw judged;
      }
    }
  }

  /**
   * Writes. If it throws {@linkcode StoreAwayError}, the write may have been served or may still be. It is
   * not retried here.
   */
  async write<T>(ask: (kv: Deno.Kv) => Promise<T>): Promise<T> {
    if (this.#state.is !== "ok" && !await this.#recovers()) throw this.#awayError();
    try {
      return await this.#inTime(ask(this.#kv), this.#times.writeMs);
    } catch (error) {
      throw this.#judge(error, "refusing");
    }
  }

  close(): void {
    this.#closed = true;
    this.#timers.clearTimeout(this.#probeTimer);
    this.#back?.resolve();
    this.#back = null;
    this.#kv.close();
  }

  /** Waits for the first check of a store that has just failed. Returns whether it is available again. */
  async #recovers(): Promise<boolean> {
    const { graceMs } = this.#times;
    if (this.#back === null) return true;
    if (this.#now() - this.#state.sinceMs > graceMs) return false;
    try {
      await this.#inTime(this.#back.promise, graceMs);
      return true;
    } catch {
      return false;
    }
  }

  /** Translates a client error, and changes the state: to `refused` if the store refuses the request. */
  #judge(error: unknown, refused: "refusing" | "away"): unknown {
    if (this.#closed) return error;
    if (error instanceof StoreAwayError) this.#turn("away", error.message);
    else if (isMetadataError(error)) this.#turn("away", reasonOf(error));
    else if (isRefusal(error)) this.#turn(refused, reasonOf(error));
    else return error;
    return error instanceof StoreAwayError ? error : this.#awayError(error);
  }

  #awayError(cause?: unknown): StoreAwayError {
    return new StoreAwayError(`The store is away: ${this.#state.reason}`, { cause });
  }

  async #inTime<T>(asked: Promise<T>, ms: number): Promise<T> {
    const late = Promise.withResolvers<never>();
    let timer = this.#timers.setTimeout(() => {
      // If this process was busy, the response may have arrived and is read right after this.
      timer = this.#timers.setTimeout(
        () => late.reject(new StoreAwayError(`No response from the store in ${ms} ms`)),
        0,
      );
    }, ms);
    try {
      return await Promise.race([asked, late.promise]);
    } finally {
      this.#timers.clearTimeout(timer);
    }
  }

  #turn(is: "refusing" | "away", reason: string): void {
    if (this.#state.is === is || this.#state.is === "away") return;
    this.#change({ is, sinceMs: this.#now(), reason, isStuck: false });
    if (this.#back !== null) return;
    this.#back = Promise.withResolvers();
    void this.#probe();
  }

  #change(state: StoreState): void {
    this.#state = state;
    for (const listener of this.#listeners) listener(state);
  }

  /** Checks until the store accepts a write. Never rejects. */
  async #probe(): Promise<void> {
    if (this.#closed) return;
    const { is } = this.#state;
    try {
      const fresh = await this.#storeProbe.reconnect(this.#kv);
      // A failure during this check needs its own check.
      if (!this.#closed && is === this.#state.is) return this.#recover(fresh);
      fresh?.close();
    } catch (error) {
      const { state } = this;
      const now: StoreState["is"] = error instanceof RefusedError ? state.is : "away";
      const isStuck = /\bstatus[= ]40[13]\b/.test(reasonOf(error));
      if (!this.#closed && (now !== state.is || isStuck !== state.isStuck)) {
        this.#change({ ...state, is: now, reason: reasonOf(error), isStuck });
      }
    }
    if (this.#closed) return;
    this.#probeTimer = this.#timers.setTimeout(() => void this.#probe(), this.#times.probeMs);
  }

  #recover(fresh: Deno.Kv | null): void {
    const old = this.#kv;
    const back = this.#back;
    this.#back = null;
    if (fresh !== null) this.#kv = fresh;
    this.#change({ is: "ok", sinceMs: this.#now(), reason: "", isStuck: false });
    back?.resolve();
    if (fresh !== null) old.close();
  }
}
