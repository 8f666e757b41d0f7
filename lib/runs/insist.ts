/**
 * Writes that must be made, whether or not the request that caused them waits: the API has billed a run
 * by then.
 */
import { pause, type PauseTimers } from "./pause.ts";

/** A failing store is tried again after so long, twice as long each time up to the second figure (ms). */
const RETRY_MS = 100;
const MAX_RETRY_MS = 2_000;
/** A store that is away for longer is a matter for people (ms). */
const GIVE_UP_MS = 10 * 60_000;
/** How long a request waits for its write (ms): a page says within 2 s that the store is away. */
const REQUEST_WAITS_MS = 1_500;

/** What insisting needs of the world. */
export interface InsistContext {
  readonly now: () => number;
  readonly timers?: PauseTimers | undefined;
  /** Told of a write that was given up. */
  readonly onGivenUp: (error: unknown) => void;
}

/**
 * Makes a write, again while it fails. \`made\` resolves when it is made, or given up after 10 minutes;
 * \`soon\` does so too, after 1.5 s at the latest. Neither rejects. The write must bear being repeated.
 */
export function insist(
  { now, timers, onGivenUp }: InsistContext,
  write: () => Promise<unknown>,
): { readonly made: Promise<void>; readonly soon: Promise<void> } {
  const over = new AbortController();
  const made = (async () => {
    const startedMs = now();
    for (let waitMs = RETRY_MS;; waitMs = Math.min(MAX_RETRY_MS, 2 * waitMs)) {
      try {
        await write();
        return;
      } catch (error) {
        if (now() - startedMs > GIVE_UP_MS) return onGivenUp(error);
        await pause(waitMs, new AbortController().signal, timers);
      }
    }
  })().finally(() => over.abort());
  const waited = pause(REQUEST_WAITS_MS, over.signal, timers).catch(() => {});
  return { made, soon: Promise.race([made, waited]) };
}
