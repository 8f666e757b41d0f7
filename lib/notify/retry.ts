/** Decides when a notification is retried, and when its target is disabled. Pure. */
import type { OutboxItem, StoredTarget } from "./store.ts";
import type { LatestResponse } from "./types.ts";

/** A target's response and its consequences. */
export interface Delivery {
  readonly ok: boolean;
  /** A short description for users. */
  readonly words: string;
  /** How long the target asks us to wait (ms). */
  readonly retryAfterMs?: number | null;
  /** Why the target can never be used again. */
  readonly gone?: string;
}

/** The first and the longest delay between retries (ms). Each delay is twice the one before. */
const FIRST_WAIT_MS = 5_000;
export const MAX_WAIT_MS = 2 * 3_600_000;
/** Give up on an item after this time (ms). */
export const KEPT_MS = 24 * 3_600_000;
/** Disable a target that has failed for this long (ms). */
const OFF_AFTER_MS = 3 * 24 * 3_600_000;

/** The delay after a number of consecutive failures (ms). */
export function waitMs(failures: number): number {
  return Math.min(MAX_WAIT_MS, FIRST_WAIT_MS * 2 ** (failures - 1));
}

/** Applies a response to its target. `factor` spreads the delays. Pure. */
export function afterDelivery(
  target: StoredTarget,
  { notice: { type } }: Pick<OutboxItem, "notice">,
  { ok, words, gone, retryAfterMs = null }: Delivery,
  nowMs: number,
  factor: number,
): StoredTarget {
  const last: LatestResponse = { at_ms: nowMs, ok, type, words };
  if (ok) return { ...target, last, failing_since_ms: null, failures: 0, rest_until: 0 };
  const failing_since_ms = target.failing_since_ms ?? nowMs;
  const failures = target.failures + 1;
  const restMs = Math.max(waitMs(failures) * factor, Math.min(MAX_WAIT_MS, retryAfterMs ?? 0));
  const reason = gone ??
    (nowMs - failing_since_ms >= OFF_AFTER_MS ? "All deliveries failed for three days." : null);
  return {
    ...target,
    last,
    failing_since_ms,
    failures,
    rest_until: Math.round(nowMs + restMs),
    off: reason === null ? null : { ms: nowMs, reason },
  };
}
