/** Folds a log into what it says about its run: progress, findings, warnings, errors. Server only. */
import { applyEvent, type LiveView, LOST } from "./apply.ts";
import { asRecord, type LogEvent, momentOf } from "./event.ts";
import { EVENT_KINDS, type EventKind, kindOf } from "./kinds.ts";
import { beginning, checkJson } from "../../base/mod.ts";

export { LOST } from "./apply.ts";

/** The status of a run that waits for its creator. No document says whether the API goes on with one. */
export const WAITS = "action_required";

/**
 * Returns whether Parallel may have more of a run than a log that ended with this status and output: it refused to
 * report, waited for an action, or returned no result. Asking again may help.
 */
export function mayHaveMore(status: string, output: unknown): boolean {
  return status === LOST || status === WAITS || (status === "completed" && output === null);
}

export { isActiveStatus } from "./event.ts";

/** A warning or error from the API, for display. */
export interface Notice {
  readonly type: string;
  readonly message: string;
  /** The API's support reference, if it gave one. */
  readonly ref_id: string | null;
}

/** An intermediate result that a run has reported. */
export interface Finding {
  /** The event's ID. */
  readonly id: number;
  /** Unix ms; `null` if unknown. */
  readonly at_ms: number | null;
  /** The beginning of its text. */
  readonly text: string;
}

/** What the log so far says about its run. */
export interface RunView extends LiveView {
  /** The distinct URLs in stats events, in the order first seen. The number and length are limited. */
  readonly sources: readonly string[];
  /** The latest intermediate results, oldest first. */
  readonly findings: readonly Finding[];
  readonly warnings: readonly Notice[];
  /** Why the run failed, or why recording stopped. */
  readonly error: Notice | null;
}

/** The view of an empty log. */
export function emptyView(): RunView {
  return {
    lastId: 0,
    status: "queued",
    isActive: true,
    progress: null,
    sourcesConsidered: null,
    sourcesRead: null,
    sources: [],
    counts: Object.fromEntries(EVENT_KINDS.map((kind) => [kind, 0])) as Record<EventKind, number>,
    queries: 0,
    findings: [],
    warnings: [],
    error: null,
  };
}

/**
 * Returns the view after one more event. Ignores an ID that the view has already seen. `payloadOfEvent` is for
 * callers that need the payload too.
 */
export function applyStored(view: RunView, event: LogEvent, payloadOfEvent = payloadOf): RunView {
  if (event.id <= view.lastId) return view;
  const read = DETAILS[kindOf(event.type)];
  if (read === undefined) return applyEvent(view, event, payloadOfEvent);
  const payload = payloadOfEvent(event);
  const next = applyEvent(view, event, () => payload);
  return payload === null ? next : { ...next, ...read(view, payload, event) };
}

/** The view of a whole log. */
export function foldEvents(events: Iterable<LogEvent>): RunView {
  let view = emptyView();
  for (const event of events) view = applyStored(view, event);
  return view;
}

/** What a kind of event says besides how far the run is. */
const DETAILS: Partial<
  Record<
    EventKind,
    (view: RunView, payload: Record<string, unknown>, event: LogEvent) => Partial<RunView>
  >
> = { state: readNotices, stats: readSources, error: readError, result: readFinding };

/** The most warnings of a run, and the most characters of one. */
const MAX_WARNINGS = 50;
const NOTICE_CHARS = 4_000;

function readNotices(view: RunView, payload: Record<string, unknown>): Partial<RunView> {
  const run = asRecord(payload.run);
  if (run === null || typeof run.status !== "string") return {};
  const warnings = Array.isArray(run.warnings)
    ? run.warnings.slice(0, MAX_WARNINGS)
      .flatMap((warning) => readNotice("warning", warning) ?? [])
    : view.warnings;
  // If the run continues after all, the earlier stop is no longer an error.
  const error = readNotice("error", run.error) ?? (view.status === LOST ? null : view.error);
  return { warnings, error };
}

function readError(view: RunView, payload: Record<string, unknown>): Partial<RunView> {
  return { error: readNotice("error", payload.error) ?? view.error };
}

function readNotice(fallbackType: string, value: unknown): Notice | null {
  const record = asRecord(value);
  if (record === null || typeof record.message !== "string") return null;
  return {
    type: typeof record.type === "string" ? record.type : fallbackType,
    message: beginning(record.message, NOTICE_CHARS),
    ref_id: typeof record.ref_id === "string" ? record.ref_id : null,
  };
}

/** The most findings beside a feed, and the most characters of one. */
const MAX_FINDINGS = 12;
const FINDING_CHARS = 300;

function readFinding(
  { findings }: RunView,
  payload: Record<string, unknown>,
  event: LogEvent,
): Partial<RunView> {
  if (typeof payload.message !== "string") return {};
  const text = beginning(payload.message, FINDING_CHARS);
  const finding = { id: event.id, at_ms: momentOf(event, payload), text };
  return { findings: [...findings, finding].slice(-MAX_FINDINGS) };
}

/** The number of distinct sampled sources to keep: every sample compares with all of them. */
const MAX_SOURCES = 2_000;
/** Longer URLs appear in the trace only, because a page contains all distinct ones (characters). */
const SOURCE_CHARS = 500;

function readSources(view: RunView, payload: Record<string, unknown>): Partial<RunView> {
  const sample = asRecord(payload.source_stats)?.sources_read_sample;
  if (!Array.isArray(sample)) return {};
  const urls = sample.filter((url): url is string =>
    typeof url === "string" && url.length <= SOURCE_CHARS
  );
  return { sources: withSources(view.sources, urls) };
}

/** A view's URLs as a set, for the next sample: nearly all of its URLs are already known. */
const KNOWN = new WeakMap<readonly string[], Set<string>>();

function withSources(sources: readonly string[], urls: readonly string[]): readonly string[] {
  const known = KNOWN.get(sources) ?? new Set(sources);
  KNOWN.set(sources, known);
  const fresh = [...new Set(urls)].filter((url) => !known.has(url))
    .slice(0, MAX_SOURCES - sources.length);
  if (fresh.length === 0) return sources;
  const more = [...sources, ...fresh];
  for (const url of fresh) known.add(url);
  // The set now belongs to the longer list. The earlier view rebuilds its own if needed.
  KNOWN.delete(sources);
  KNOWN.set(more, known);
  return more;
}

// Reads the payloads of a log's events on the server.
/** Returns the payload as an object, or `null` if it is something else or exceeds the JSON limits. */
export function payloadOf(event: { readonly data: string }): Record<string, unknown> | null {
  try {
    checkJson(event.data);
    return asRecord(JSON.parse(event.data));
  } catch {
    return null;
  }
}
