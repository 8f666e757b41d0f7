/**
 * Follows a value in the store, whichever process changes it.
 */
import { SYSTEM_TIMERS, type Timers } from "../../base/mod.ts";
import type { Wakeups } from "../../store/mod.ts";

/** How often to read the value while all other processes report their writes (ms). */
const TOLD_POLL_MS = 1_000;

/** Selects a value, and how to follow it. */
export interface FollowOptions {
  readonly kv: Deno.Kv;
  readonly key: Deno.KvKey;
  /** How often to read the value (ms), unless all other processes report their writes. */
  readonly pollMs: number;
  /** Also use the store's own change notifications, as on Deno Deploy. */
  readonly watch?: boolean;
  /** Also use notifications from other processes on the same file: `watch` does not see their writes. */
  readonly wakeups?: Pick<Wakeups, "follow" | "reachesAll"> | undefined;
  readonly signal: AbortSignal;
  readonly timers?: Timers | undefined;
}

/**
 * Calls `onEntry` with the value now and whenever it may have changed. Ends when `onEntry` returns `true`,
 * or when the signal aborts. Returns whether `onEntry` ended it. Rejects if the store fails.
 */
export async function followKey<Value>(
  options: FollowOptions,
  onEntry: (entry: Deno.KvEntryMaybe<Value>) => boolean | Promise<boolean>,
): Promise<boolean> {
  const { kv, key, pollMs, signal, timers = SYSTEM_TIMERS } = options;
  // Wait for one promise at a time: a race with one that stays pending would keep a reaction per poll.
  let wake = () => {}, changed = false;
  const onAbort = () => wake();
  const onChange = () => {
    changed = true;
    wake();
  };
  signal.addEventListener("abort", onAbort);
  const watch = options.watch ? new KeyWatch(kv, key, onChange) : null;
  const leave = options.wakeups?.follow(key, onChange);
  let timer: unknown;
  try {
    while (!signal.aborted) {
      changed = false;
      const entry = await kv.get<Value>(key);
      if (signal.aborted) return false;
      if (await onEntry(entry)) return true;
      if (!changed && !signal.aborted) {
        await new Promise<void>((resolve) => {
          wake = resolve;
          const isTold = options.wakeups?.reachesAll ?? false;
          timer = timers.setTimeout(resolve, isTold ? Math.max(pollMs, TOLD_POLL_MS) : pollMs);
        });
        timers.clearTimeout(timer);
      }
      if (watch?.failure) throw watch.failure.error;
      if (watch?.isOver) return false;
    }
    return false;
  } finally {
    timers.clearTimeout(timer);
    signal.removeEventListener("abort", onAbort);
    leave?.();
    await watch?.cancel();
  }
}

/** Calls back for changes that the store reports. */
class KeyWatch {
  readonly #reader: ReadableStreamDefaultReader<[Deno.KvEntryMaybe<unknown>]>;
  readonly #onChange: () => void;
  isOver = false;
  failure: { readonly error: unknown } | null = null;

  constructor(kv: Deno.Kv, key: Deno.KvKey, onChange: () => void) {
    this.#reader = kv.watch<[unknown]>([key]).getReader();
    this.#onChange = onChange;
    void this.#read();
  }

  async cancel(): Promise<void> {
    await this.#reader.cancel().catch(() => {});
  }

  async #read(): Promise<void> {
    while (!this.isOver && this.failure === null) {
      try {
        this.isOver = (await this.#reader.read()).done;
      } catch (error) {
        this.failure = { error };
      }
      this.#onChange();
    }
  }
}
