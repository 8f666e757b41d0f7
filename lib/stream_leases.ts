/**
 * Streams belong to the session or the key that opened them, and end with it: with a session that was
 * signed out, removed or deleted, in this process or another on the same store, and with a key that
 * the API does not accept any more.
 */
import { SYSTEM_TIMERS, type Timers } from "./base/mod.ts";

/** What {@linkcode StreamLeases} needs of the world. */
export interface StreamLeasesContext {
  /** Those of the sessions that are still open. */
  readonly aliveSessions: (ids: readonly string[]) => Promise<ReadonlySet<string>>;
  readonly now: () => number;
  /** How often the store is asked (ms): nothing else tells what another process did. */
  readonly pollMs: number;
  readonly timers?: Timers;
}

/** How long a key's stream goes on before the key is looked at again (ms). */
const KEY_MS = 10 * 60_000;

/** Whose a stream is. */
export type StreamOwner =
  | {
    readonly kind: "session";
    readonly id: string;
    /** Whether what the session may see is still the same. */
    readonly unchanged: () => Promise<boolean>;
  }
  | { readonly kind: "key"; readonly mayRead: () => Promise<boolean> };

interface Lease {
  readonly owner: StreamOwner;
  readonly stop: AbortController;
  checked_ms: number;
}

/** Ends streams whose owner is gone. One per process. */
export class StreamLeases {
  readonly #context: StreamLeasesContext;
  readonly #timers: Timers;
  readonly #leases = new Set<Lease>();
  #timer: unknown;
  #looking = false;

  constructor(context: StreamLeasesContext) {
    this.#context = context;
    this.#timers = context.timers ?? SYSTEM_TIMERS;
  }

  /** Streams that are open now. */
  get size(): number {
    return this.#leases.size;
  }

  /** The body for as long as its owner may have it; then it ends as if all had been sent. */
  bind(body: ReadableStream<Uint8Array>, owner: StreamOwner): ReadableStream<Uint8Array> {
    const lease: Lease = { owner, stop: new AbortController(), checked_ms: this.#context.now() };
    this.#leases.add(lease);
    this.#schedule();
    return until(body, lease.stop.signal, () => {
      this.#leases.delete(lease);
      if (this.#leases.size > 0) return;
      this.#timers.clearTimeout(this.#timer);
      this.#timer = undefined;
    });
  }

  /** A session was ended by this process. */
  end(sessionId: string): void {
    for (const { owner, stop } of this.#leases) {
      if (owner.kind === "session" && owner.id === sessionId) stop.abort();
    }
  }

  #schedule(): void {
    if (this.#timer !== undefined || this.#looking || this.#leases.size === 0) return;
    this.#timer = this.#timers.setTimeout(() => {
      this.#timer = undefined;
      this.#looking = true;
      this.#look().catch(() => {
        // The store does not answer: a stream that reads it ends by itself.
      }).finally(() => {
        this.#looking = false;
        this.#schedule();
      });
    }, this.#context.pollMs);
  }

  async #look(): Promise<void> {
    const sessions = [...this.#leases].flatMap(({ owner }) =>
      owner.kind === "session" ? [owner.id] : []
    );
    const alive = await this.#context.aliveSessions([...new Set(sessions)]);
    const now = this.#context.now();
    // A session with several streams is asked about once.
    const unchanged = new Map<string, boolean>();
    for (const lease of this.#leases) {
      const { owner, stop } = lease;
      if (owner.kind === "session") {
        const same = alive.has(owner.id) &&
          (unchanged.get(owner.id) ?? await owner.unchanged());
        unchanged.set(owner.id, same);
        if (!same) stop.abort();
      } else if (now - lease.checked_ms >= KEY_MS) {
        lease.checked_ms = now;
        // Its API may take its time: the others do not wait.
        owner.mayRead().then((may) => {
          if (!may) stop.abort();
        }, () => {});
      }
    }
  }
}

/** A body that ends when the signal aborts; `onEnd` is called once, however it ends. */
function until(
  body: ReadableStream<Uint8Array>,
  signal: AbortSignal,
  onEnd: () => void,
): ReadableStream<Uint8Array> {
  const reader = body.getReader();
  let ended = false;
  const end = () => {
    if (ended) return false;
    ended = true;
    onEnd();
    return true;
  };
  return new ReadableStream<Uint8Array>({
    start(controller) {
      signal.addEventListener("abort", () => {
        if (!end()) return;
        controller.close();
        reader.cancel().catch(() => {});
      }, { once: true });
    },
    async pull(controller) {
      try {
        const { done, value } = await reader.read();
        if (ended) return;
        if (!done) controller.enqueue(value);
        else if (end()) controller.close();
      } catch (error) {
        if (end()) controller.error(error);
      }
    },
    async cancel(reason) {
      end();
      await reader.cancel(reason);
    },
    // Nothing is read ahead: how far a slow reader is behind is the stream's own to count.
  }, { highWaterMark: 0 });
}
