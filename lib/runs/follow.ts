/**
 * Follows a run's head as it changes, whichever process changes it.
 */
import { type Head, headKey, readHead } from "./head.ts";
import { type PauseTimers, SYSTEM_TIMERS } from "./pause.ts";

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
  readonly timers?: PauseTimers;
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
  const watch = kv.watch<[Head]>([headKey(runId)]).getReader();
  const nextChange = () => {
    const change = watch.read();
    // It may fail while nobody waits for it: the next wait says so.
    change.catch(() => {});
    return change;
  };
  let change = nextChange();
  let timer: unknown;
  const aborted = new Promise<void>((resolve) => {
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
  try {
    while (!signal.aborted) {
      const found = await readHead(kv, runId);
      if (found === null || await onHead(found.head)) return;
      const poll = new Promise<void>((resolve) => {
        timer = timers.setTimeout(resolve, pollMs);
      });
      const next = await Promise.race([change, poll, aborted]);
      timers.clearTimeout(timer);
      if (next !== undefined) {
        if (next.done) return;
        change = nextChange();
      }
    }
  } finally {
    timers.clearTimeout(timer);
    await watch.cancel().catch(() => {});
  }
}
