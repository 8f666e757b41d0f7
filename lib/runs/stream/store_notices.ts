/**
 * Tells open streams that the store is away, and that it is back. New streams get a 503 meanwhile; an
 * open one stays, for an `EventSource` gives up at a 503, and goes on by itself when the store is back.
 */
import { SYSTEM_TIMERS, type Timers } from "../../base/mod.ts";
import type { StoreHealth } from "../../store/mod.ts";
import { HEARTBEAT } from "./frames.ts";

/** What people are told while the store is away, on pages and in streams. */
export const STORE_AWAY = {
  title: "The database does not answer",
  kept:
    "Runs in progress are still recorded: new events stay in memory until the database is back.",
} as const;

/**
 * What streams say while the store is away, heartbeats included: a comment, which clients of any kind
 * ignore. The next heartbeat takes it back; one comes at once when the store is back.
 */
export const STORE_AWAY_NOTICE = `${STORE_AWAY.title}. ${STORE_AWAY.kept}`;

/** What is mended sooner is not worth a word (ms); a request waits as long before it fails. */
const PATIENCE_MS = 300;

/** Without a blank line, as a heartbeat. */
const NOTICE = new TextEncoder().encode(`: ${STORE_AWAY_NOTICE}\n`);

/** Puts notices between the frames of streams. One per process. */
export class StoreNotices {
  readonly #timers: Timers;
  readonly #forget: () => void;
  readonly #listeners = new Set<() => void>();
  #isAway = false;
  #timer: unknown;

  constructor(
    store: Pick<StoreHealth, "onState">,
    timers: Timers = SYSTEM_TIMERS,
  ) {
    this.#timers = timers;
    this.#forget = store.onState(({ is }) => {
      timers.clearTimeout(this.#timer);
      if (is === "ok") this.#tell(false);
      else this.#timer = timers.setTimeout(() => this.#tell(true), PATIENCE_MS);
    });
  }

  /** The stream with notices. Each of its chunks must end where a line ends. */
  bind(body: ReadableStream<Uint8Array>): ReadableStream<Uint8Array> {
    const reader = body.getReader();
    let told = false;
    let reading: Promise<ReadableStreamReadResult<Uint8Array>> | null = null;
    let changed = Promise.withResolvers<void>();
    const listener = () => changed.resolve();
    const forget = () => this.#listeners.delete(listener);
    this.#listeners.add(listener);
    /** The next frame of the stream, or the notice that is due before it; `null` at the end. */
    const next = async (): Promise<Uint8Array | null> => {
      for (;;) {
        if (told !== this.#isAway) {
          told = this.#isAway;
          return told ? NOTICE : HEARTBEAT;
        }
        changed = Promise.withResolvers();
        const read = await Promise.race([reading ??= reader.read(), changed.promise]);
        if (read === undefined) continue;
        reading = null;
        if (read.done) return null;
        return told && isHeartbeat(read.value) ? NOTICE : read.value;
      }
    };
    return new ReadableStream<Uint8Array>({
      async pull(controller) {
        try {
          const frame = await next();
          if (frame !== null) return controller.enqueue(frame);
        } catch (error) {
          forget();
          throw error;
        }
        forget();
        controller.close();
      },
      async cancel(reason) {
        forget();
        await reader.cancel(reason);
      },
      // Nothing is read ahead: how far a slow reader is behind is the stream's own to count.
    }, { highWaterMark: 0 });
  }

  /** Ends the watch of the store; streams go on without notices. */
  close(): void {
    this.#forget();
    this.#timers.clearTimeout(this.#timer);
  }

  #tell(isAway: boolean): void {
    if (this.#isAway === isAway) return;
    this.#isAway = isAway;
    for (const listener of this.#listeners) listener();
  }
}

function isHeartbeat(frame: Uint8Array): boolean {
  return frame.byteLength === HEARTBEAT.byteLength &&
    frame.every((byte, index) => byte === HEARTBEAT[index]);
}
