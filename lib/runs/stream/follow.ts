/**
 * Follows a run's head as it changes, whichever process changes it.
 */
import { SYSTEM_TIMERS, type Timers } from "../../base/mod.ts";
import { type Head, headKey, readHead } from "../log/mod.ts";

/** Which head to follow, and how. */
export interface FollowOptions {
  readonly kv: Deno.Kv;
  readonly runId: string;
  /**
   * How often to read it (ms). On one local file `watch` does not see what another process writes, on
   * Deno Deploy it does: so both.
   */
  readonly pollMs: number;
  readonly signal: AbortSignal;
  /** Time itself by default. */
  readonly timers?: Timers;
}

/**
 * Calls `onHead` with the head now and whenever it may have changed, until `onHead` says that it has
 * seen enough or the signal aborts. Rejects where KV fails.
 */
export async function followHead(
  options: FollowOptions,
  onHead: (head: Head) => Promise<boolean>,
): Promise<void> {
  const { kv, runId, pollMs, signal, timers = SYSTEM_TIMERS } = options;
  // One promise at a time is waited for: a race with one that stays open would keep a reaction a poll.
  let wake = () => {};
  const onAbort = () => wake();
  signal.addEventListener("abort", onAbort);
  const watch = new HeadWatch(kv, runId, () => wake());
  let timer: unknown;
  try {
    while (!signal.aborted) {
      watch.changed = false;
      const found = await readHead(kv, runId);
      if (found === null || await onHead(found.head)) return;
      if (!watch.changed && !signal.aborted) {
        await new Promise<void>((resolve) => {
          wake = resolve;
          timer = timers.setTimeout(resolve, pollMs);
        });
        timers.clearTimeout(timer);
      }
      if (watch.failure !== null) throw watch.failure.error;
      if (watch.over) return;
    }
  } finally {
    timers.clearTimeout(timer);
    signal.removeEventListener("abort", onAbort);
    await watch.cancel();
  }
}

/** Tells of a head that this store says has changed. */
class HeadWatch {
  readonly #reader: ReadableStreamDefaultReader<[Deno.KvEntryMaybe<Head>]>;
  readonly #onChange: () => void;
  /** Something happened since this was set to `false`. */
  changed = false;
  over = false;
  failure: { readonly error: unknown } | null = null;

  constructor(kv: Deno.Kv, runId: string, onChange: () => void) {
    this.#reader = kv.watch<[Head]>([headKey(runId)]).getReader();
    this.#onChange = onChange;
    void this.#read();
  }

  async cancel(): Promise<void> {
    await this.#reader.cancel().catch(() => {});
  }

  async #read(): Promise<void> {
    while (!this.over && this.failure === null) {
      try {
        this.over = (await this.#reader.read()).done;
      } catch (error) {
        this.failure = { error };
      }
      this.changed = true;
      this.#onChange();
    }
  }
}
