/**
 * Ends streams together with what opened them: when a session is signed out, removed or deleted, in this
 * process or another on the same store, when the API no longer accepts a key, and when a share link is
 * revoked.
 */
import { SYSTEM_TIMERS, type Timers } from "./base/mod.ts";
import { openStreamOf } from "./runs/mod.ts";

/** The dependencies of {@linkcode StreamLeases}. */
export interface StreamLeasesContext {
  /** Returns which of the sessions are still open. */
  readonly aliveSessions: (ids: readonly string[]) => Promise<ReadonlySet<string>>;
  readonly now: () => number;
  /** How often to check the store (ms): nothing else reports what another process did. */
  readonly pollMs: number;
  readonly timers?: Timers;
}

/** How long a stream continues before its key or link is checked again (ms). */
const CHECK_MS = { key: 10 * 60_000, link: 5_000 } as const;

/** The owner of a stream. */
export type StreamOwner =
  | {
    readonly kind: "session";
    readonly id: string;
    /** Returns whether the session's access is still the same. */
    readonly unchanged: () => Promise<boolean>;
  }
  | { readonly kind: "key" | "link"; readonly mayRead: () => Promise<boolean> };

interface Lease {
  readonly owner: StreamOwner;
  stop: () => void;
  checked_ms: number;
}

/** Ends streams whose owner is gone. One per process. */
export class StreamLeases {
  readonly #context: StreamLeasesContext;
  readonly #timers: Timers;
  readonly #leases = new Set<Lease>();
  #timer: unknown;
  #checking = false;

  constructor(context: StreamLeasesContext) {
    this.#context = context;
    this.#timers = context.timers ?? SYSTEM_TIMERS;
  }

  /** The number of open streams. */
  get size(): number {
    return this.#leases.size;
  }

  /** Returns a body that ends without an error when its owner loses access. */
  bind(body: ReadableStream<Uint8Array>, owner: StreamOwner): ReadableStream<Uint8Array> {
    const lease: Lease = { owner, stop: () => {}, checked_ms: this.#context.now() };
    this.#leases.add(lease);
    this.#schedule();
    const onEnd = () => {
      this.#leases.delete(lease);
      if (this.#leases.size > 0) return;
      this.#timers.clearTimeout(this.#timer);
      this.#timer = undefined;
    };
    const open = openStreamOf(body);
    if (open === null) return until(body, lease, onEnd);
    // Reuse the stream: thousands of viewers would double theirs.
    lease.stop = () => open.close();
    open.onEnd(onEnd);
    return body;
  }

  /** Call when this process has ended a session. */
  end(sessionId: string): void {
    for (const { owner, stop } of this.#leases) {
      if (owner.kind === "session" && owner.id === sessionId) stop();
    }
  }

  #schedule(): void {
    if (this.#timer !== undefined || this.#checking || this.#leases.size === 0) return;
    this.#timer = this.#timers.setTimeout(() => {
      this.#timer = undefined;
      this.#checking = true;
      this.#check().catch(() => {
        // The store does not respond: a stream that reads it ends by itself.
      }).finally(() => {
        this.#checking = false;
        this.#schedule();
      });
    }, this.#context.pollMs);
  }

  async #check(): Promise<void> {
    const sessions = [...this.#leases].flatMap(({ owner }) =>
      owner.kind === "session" ? [owner.id] : []
    );
    const alive = await this.#context.aliveSessions([...new Set(sessions)]);
    const now = this.#context.now();
    // Check a session with several streams only once.
    const unchanged = new Map<string, boolean>();
    for (const lease of this.#leases) {
      const { owner, stop } = lease;
      if (owner.kind === "session") {
        const same = alive.has(owner.id) &&
          (unchanged.get(owner.id) ?? await owner.unchanged());
        unchanged.set(owner.id, same);
        if (!same) stop();
      } else if (now - lease.checked_ms >= CHECK_MS[owner.kind]) {
        lease.checked_ms = now;
        // The API may be slow: do not make the others wait. If nothing responds, the stream continues.
        owner.mayRead().then((may) => {
          if (!may) stop();
        }, () => {});
      }
    }
  }
}

/** A body that ends when the lease stops. `onEnd` is called once, however it ends. */
function until(
  body: ReadableStream<Uint8Array>,
  lease: Lease,
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
      lease.stop = () => {
        if (!end()) return;
        controller.close();
        reader.cancel().catch(() => {});
      };
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
    // Do not read ahead: the stream itself must see how far a slow reader is behind.
  }, { highWaterMark: 0 });
}
