/** One connection to a stream of a group, its events read with bounds. */
import { isObject, memberSpan, readVerbatim } from "../base/mod.ts";
import { connectSSE, SSEError, type SSEEvent, type Timers } from "../sse/mod.ts";
import type { ApiCalls } from "./client_call.ts";
import { type ApiFailure, parseErrorBody } from "./errors.ts";
import { type GroupStatus, readGroupStatus } from "./group.ts";
import { ANSWER_BYTES } from "./limits.ts";
import { readRunInput } from "./read.ts";
import { readRun } from "./read_run.ts";
import type { TaskRun, TaskRunInput } from "./types.ts";

/** The events of a group's streams. */
export type GroupEvent =
  | { readonly kind: "status"; readonly eventId: string | null; readonly status: GroupStatus }
  | {
    readonly kind: "run";
    readonly eventId: string | null;
    readonly run: TaskRun;
    /** The request, if it was asked for. */
    readonly input: TaskRunInput | null;
    /** The original JSON text of the output; `null` if there is none. */
    readonly outputText: string | null;
    /** The event's own JSON text. */
    readonly data: string;
  }
  /** The API reports a problem. The stream may go on. */
  | { readonly kind: "error"; readonly message: string }
  /** An event that cannot be read, or that this client does not know. */
  | { readonly kind: "other"; readonly type: string };

/** How a stream is opened. */
export interface GroupStreamOptions {
  /** The stream continues after this event. */
  readonly lastEventId?: string | null;
  readonly signal?: AbortSignal | undefined;
  /** A silent connection counts as dead after this long (ms). */
  readonly idleTimeoutMs?: number;
  /** Timers, passed in for tests. */
  readonly timers?: Timers;
}

/** The stream could not be opened, or broke. Events before that are valid. */
export class GroupStreamError extends Error {
  override name = "GroupStreamError";
  readonly failure: ApiFailure;

  constructor(failure: ApiFailure) {
    super(failure.message);
    this.failure = failure;
  }
}

const CONNECT_TIMEOUT_MS = 30_000;
/** A result, the request, and their envelope. */
const MAX_EVENT_BYTES = ANSWER_BYTES + 256 * 1024;

/** Opens the stream at a path. Throws {@linkcode GroupStreamError}; rejects with the signal's reason. */
export async function* readStream(
  calls: ApiCalls,
  path: string,
  query: Readonly<Record<string, string>>,
  { lastEventId, signal, idleTimeoutMs, timers }: GroupStreamOptions,
): AsyncGenerator<GroupEvent> {
  const all = new URLSearchParams(query);
  if (lastEventId) all.set("last_event_id", lastEventId);
  const { url, headers, fetch } = calls.streamRequest(all.size > 0 ? `${path}?${all}` : path);
  const events = connectSSE(url, {
    headers,
    fetch,
    signal,
    // Following a redirect would send the key to its target.
    redirect: "manual",
    // The cursor is in the payloads, so the caller opens the next connection.
    repeat: false,
    reconnect: { maxAttempts: 0 },
    isRetryable: () => false,
    connectTimeoutMs: CONNECT_TIMEOUT_MS,
    idleTimeoutMs,
    maxEventBytes: MAX_EVENT_BYTES,
    ...(timers === undefined ? {} : { timers }),
  });
  try {
    for await (const event of events) {
      yield readGroupEvent({ ...event, data: calls.shown(event.data) });
    }
  } catch (error) {
    signal?.throwIfAborted();
    if (!(error instanceof SSEError)) throw error;
    throw new GroupStreamError(failureOf(error, (text) => calls.shown(text)));
  }
}

/** Reads an event. The output is not parsed, because it may be large or exceed the bounds for JSON. */
export function readGroupEvent({ event, data }: Pick<SSEEvent, "event" | "data">): GroupEvent {
  const member = (name: string) => {
    const span = memberSpan(data, name);
    return span === null ? null : data.slice(...span);
  };
  const read = (name: string) => parsed(member(name));
  const own = read("type");
  const type = typeof own === "string" ? own : event;
  const id = read("event_id");
  const eventId = typeof id === "string" && id !== "" ? id : null;
  if (type === "task_group_status") {
    const status = readGroupStatus(read("status"));
    return status === null ? { kind: "other", type } : { kind: "status", eventId, status };
  }
  if (type === "task_run.state") {
    const run = readRun(read("run"));
    if (run === null) return { kind: "other", type };
    const output = member("output");
    const outputText = output === null || output === "null" ? null : output;
    return { kind: "run", eventId, run, input: readRunInput(read("input")), outputText, data };
  }
  if (type === "error") {
    const error = read("error");
    const message = isObject(error) && typeof error.message === "string" ? error.message : "";
    return { kind: "error", message };
  }
  return { kind: "other", type };
}

function parsed(text: string | null): unknown {
  try {
    return text === null ? null : readVerbatim(text);
  } catch {
    return null;
  }
}

function failureOf(error: SSEError, shown: (text: string) => string): ApiFailure {
  // There is only one attempt, so its own error says more.
  const cause = error.kind === "attempts" && error.cause instanceof SSEError ? error.cause : error;
  const { kind, status = null } = cause;
  const nothing = { refId: null, detail: null };
  const reason = shown(cause.message);
  switch (kind) {
    case "http": {
      const body = parsed(shown(cause.body ?? ""));
      if (status !== null && (status >= 500 || isObject(body)) && status >= 400) {
        return parseErrorBody(status, body);
      }
      const message = `The API responded with status ${status} and something other than its JSON`;
      return { kind: "malformed", status, message, ...nothing };
    }
    case "content-type":
    case "limit":
      return { kind: "malformed", status, message: `The API's stream: ${reason}`, ...nothing };
    case "timeout":
      return {
        kind: "timeout",
        status: null,
        message: `The API's stream is silent: ${reason}`,
        ...nothing,
      };
    default:
      return {
        kind: "unreachable",
        status: null,
        message: `The API cannot be reached: ${reason}`,
        ...nothing,
      };
  }
}
