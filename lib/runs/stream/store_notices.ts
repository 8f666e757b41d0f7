/**
 * Notifies open streams when the store becomes unavailable, and when it is back. New streams get a 503
 * meanwhile. Open streams stay, because an `EventSource` gives up at a 503, and go on when the store is back.
 */
import { SYSTEM_TIMERS, type Timers } from "../../base/mod.ts";
import type { StoreHealth } from "../../store/mod.ts";
import { HEARTBEAT } from "./frames.ts";

/** The message of pages and streams while the store is unavailable. */
export const STORE_AWAY = {
  title: "The database does not answer",
  kept:
    "Runs in progress are still recorded: new events stay in memory until the database is back.",
} as const;

/**
 * The comment on streams while the store is unavailable, instead of heartbeats. Clients of any kind ignore
 * comments. The next heartbeat takes it back, and one is sent at once when the store is back.
 */
export const STORE_AWAY_NOTICE = `${STORE_AWAY.title}. ${STORE_AWAY.kept}`;

/** Do not report outages shorter than this (ms). Requests wait as long before they fail. */
const PATIENCE_MS = 300;

/** Like a heartbeat, without a blank line. */
const NOTICE = new TextEncoder().encode(`: ${STORE_AWAY_NOTICE}\n`);

/** Knows which comment streams carry. One per process. */
export class StoreNotices {
  readonly #timers: Timers;
  readonly #forget: () => void;
  readonly #listeners = new Set<(comment: Uint8Array) => void>();
  #isAway = false;
  #timer: unknown;

  constructor(store: Pick<StoreHealth, "onState">, timers: Timers = SYSTEM_TIMERS) {
    this.#timers = timers;
    this.#forget = store.onState(({ is }) => {
      timers.clearTimeout(this.#timer);
      if (is === "ok") this.#set(false);
      else this.#timer = timers.setTimeout(() => this.#set(true), PATIENCE_MS);
    });
  }

  /** Whether streams say that the store is unavailable. */
  get isAway(): boolean {
    return this.#isAway;
  }

  /** The comment on silent streams: a heartbeat, or the notice. */
  get comment(): Uint8Array {
    return this.#isAway ? NOTICE : HEARTBEAT;
  }

  /** Calls `listener` with each new comment. Returns a function that stops this. */
  onChange(listener: (comment: Uint8Array) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Stops watching the store. */
  close(): void {
    this.#forget();
    this.#timers.clearTimeout(this.#timer);
  }

  #set(isAway: boolean): void {
    if (this.#isAway === isAway) return;
    this.#isAway = isAway;
    for (const listener of this.#listeners) listener(this.comment);
  }
}
