/**
 * One event of a run's log, as it is stored, sent to viewers and folded into a view.
 * Pure: runs in a browser.
 */
/** An event of the log. Ids run 1, 2, 3 … without gaps and never change their meaning. */
export interface LogEvent {
  /** Position in the run's log, from 1. */
  readonly id: number;
  /** When the recorder received it (Unix ms); `null` in a browser, where the wire does not carry it. */
  readonly received_ms: number | null;
  /** The upstream's event type, e.g. `task_run.progress_msg.plan`. */
  readonly type: string;
  /** The upstream's payload, verbatim. JSON, unless the upstream sent something malformed. */
  readonly data: string;
}

/** The kinds of event that a person sees apart; anything the API adds later is `other`. */
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
 * The kind of an event type. Total: unknown types are `other`, for the API adds subtypes without
 * notice (`extract` was never documented).
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
 * The payload as an object, or `null`, of an event that this app's server has sent to a browser. A server
 * reads payloads with `payloadOf` (payload.ts), which is bounded and more than a live page has room for.
 */
export function sentPayloadOf(event: { readonly data: string }): Record<string, unknown> | null {
  try {
    return asRecord(JSON.parse(event.data));
  } catch {
    return null;
  }
}

/** The value as a plain record, or `null`. */
export function asRecord(value: unknown): Record<string, unknown> | null {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? value as Record<string, unknown>
    : null;
}

/** The value as a finite number, or `null`. */
export function numberOf(value: unknown): number | null {
  return typeof value === "number" && Number.isFinite(value) ? value : null;
}

/** Whether a text can be a run's id; others may be more than KV takes for a key. Pure. */
export function isRunId(text: string): boolean {
  return /^[\w-]{1,100}$/.test(text);
}

// Which statuses say that a run goes on. Apart from the reducer, which a list does without. Pure.
/** Statuses during which the API still works on a run. `action_required` is not one of them. */
const ACTIVE = new Set(["queued", "running", "cancelling"]);

/** Whether a run in this status still changes. Unknown statuses count as active unless the API says otherwise. */
export function isActiveStatus(status: string): boolean {
  return ACTIVE.has(status);
}
