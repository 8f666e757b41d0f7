/**
 * One event of a run's log, as it is stored, sent to viewers and folded into a view. Pure: runs in a
 * browser.
 */
/** An event of the log. IDs start at 1, have no gaps, and each always refers to the same event. */
export interface LogEvent {
  /** Position in the run's log, from 1. */
  readonly id: number;
  /**
   * When the recorder received it (Unix ms). `null` in a browser, because the stream does not carry it.
   */
  readonly received_ms: number | null;
  /** The upstream's event type, e.g. `task_run.progress_msg.plan`. */
  readonly type: string;
  /** The upstream's payload, verbatim. JSON, unless the upstream sent malformed data. */
  readonly data: string;
}

/** The limit on the type of an event and on a status in a log (characters). The API's are far shorter. */
export const EVENT_TYPE_CHARS = 200, STATUS_CHARS = 100;

/**
 * When an event happened by the API's own clock, else when it was received (Unix ms). `null` if neither is
 * known.
 */
export function momentOf(
  { received_ms }: LogEvent,
  payload: Record<string, unknown> | null,
): number | null {
  const stamp = payload?.timestamp;
  return typeof stamp === "string" && Date.parse(stamp) || received_ms;
}

/**
 * Returns the payload of an event from this app's server as an object, or `null`. For browsers only: a
 * server uses the bounded `payloadOf` (view.ts), which is too large for a live page.
 */
export function sentPayloadOf(event: { readonly data: string }): Record<string, unknown> | null {
  try {
    return asRecord(JSON.parse(event.data));
  } catch {
    return null;
  }
}

/** Returns the value if it is a plain object, else `null`. */
export function asRecord(value: unknown): Record<string, unknown> | null {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? value as Record<string, unknown>
    : null;
}

/** Returns the value if it is a finite number, else `null`. */
export function numberOf(value: unknown): number | null {
  return typeof value === "number" && Number.isFinite(value) ? value : null;
}

/** Returns whether a string can be a run ID. Others may be too long for a KV key. Pure. */
export function isRunId(text: string): boolean {
  return /^[\w-]{1,100}$/.test(text);
}

// Which statuses mean that a run continues. Separate from the reducer, which a list does not need. Pure.
/**
 * Returns whether the API is known to work on a run with this status; `action_required` is not one of these. It
 * may add statuses, active and final.
 */
export function isActiveStatus(status: string): boolean {
  return /^(?:queued|running|cancelling)$/.test(status);
}
