/** When a notification is tried again, and when its target is switched off. Pure. */
import type { OutboxItem, StoredTarget } from "./store.ts";
import type { LastAnswer } from "./types.ts";

/** The answer of a target, and what follows from it. */
export interface Delivery {
  readonly ok: boolean;
  /** In a few words, for people. */
  readonly words: string;
  /** How long the target asks us to wait (ms). */
  readonly retryAfterMs?: number | null;
  /** Why nothing can ever be sent to the target again. */
  readonly gone?: string;
}

/** Waits between tries: the first, and the longest (ms). Each is twice the one before. */
const FIRST_WAIT_MS = 5_000;
export const MAX_WAIT_MS = 2 * 3_600_000;
/** After this long an item is given up (ms). */
export const KEPT_MS = 24 * 3_600_000;
/** A target that fails for so long is switched off (ms). */
export const OFF_AFTER_MS = 3 * 24 * 3_600_000;
/** The wait after so many failures in a row (ms). */
export function waitMs(failures: number): number {
  return Math.min(MAX_WAIT_MS, FIRST_WAIT_MS * 2 ** (failures - 1));
}

/** What an answer means for its target. `factor` spreads the waits. Pure. */
export function afterDelivery(
  target: StoredTarget,
  { notice: { type } }: Pick<OutboxItem, "notice">,
  { ok, words, gone, retryAfterMs = null }: Delivery,
  nowMs: number,
  factor: number,
): StoredTarget {
  const last: LastAnswer = { at_ms: nowMs, ok, type, words };
  if (ok) return { ...target, last, failing_since_ms: null, failures: 0, rest_until: 0 };
  const failing_since_ms = target.failing_since_ms ?? nowMs;
  const failures = target.failures + 1;
  const restMs = Math.max(waitMs(failures) * factor, Math.min(MAX_WAIT_MS, retryAfterMs ?? 0));
  const reason = gone ??
    (nowMs - failing_since_ms >= OFF_AFTER_MS ? "Nothing arrived there for three days." : null);
  return {
    ...target,
    last,
    failing_since_ms,
    failures,
    rest_until: Math.round(nowMs + restMs),
    off: reason === null ? null : { ms: nowMs, reason },
  };
}
