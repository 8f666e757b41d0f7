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

/** The kinds of event that the interface distinguishes. Types that the API adds later are `other`. */
export const EVENT_KINDS = [
  "state",
  "stats",
  "plan",
  "search",
  "extract",
  "result",
  "tool",
  "exec",
  "reasoning",
  "analysis",
  "error",
  "other",
] as const;

export type EventKind = (typeof EVENT_KINDS)[number];

const MESSAGE_PREFIX = "task_run.progress_msg.";

const MESSAGE_KINDS: Readonly<Record<string, EventKind>> = {
  plan: "plan",
  search: "search",
  extract: "extract",
  result: "result",
  tool: "tool",
  tool_call: "tool",
  exec_status: "exec",
  reasoning: "reasoning",
  analysis: "analysis",
};

/**
 * Returns the kind of an event type. Unknown types are `other`: the API adds subtypes without notice
 * (`extract` was never documented).
 */
export function kindOf(type: string): EventKind {
  if (type.startsWith(MESSAGE_PREFIX)) {
    const subtype = type.slice(MESSAGE_PREFIX.length);
    return Object.hasOwn(MESSAGE_KINDS, subtype) ? MESSAGE_KINDS[subtype]! : "other";
  }
  if (type === "task_run.state") return "state";
  if (type === "task_run.progress_stats") return "stats";
  if (type === "error") return "error";
  return "other";
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
/** Statuses during which the API is still working on a run. `action_required` is not one of them. */
const ACTIVE = new Set(["queued", "running", "cancelling"]);

/**
 * Returns whether a run with this status can still change. Unknown statuses count as active unless the
 * API says otherwise.
 */
export function isActiveStatus(status: string): boolean {
  return ACTIVE.has(status);
}
