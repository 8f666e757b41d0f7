/**
 * The one reducer: server pages, the live island and exports fold the same log with it. The server uses
 * it through view.ts, which reads payloads within bounds. Pure, accepts unknown event types, runs in a
 * browser.
 */
import {
  asRecord,
  EVENT_KINDS,
  type EventKind,
  isActiveStatus,
  kindOf,
  type LogEvent,
  numberOf,
} from "./event.ts";

/** Reads an event's payload. Returns `null` if it is missing or unreadable. */
export type PayloadReader = (event: LogEvent) => Record<string, unknown> | null;

/** A warning or error from the API, for display. */
export interface Notice {
  readonly type: string;
  readonly message: string;
  /** The API's support reference, if it gave one. */
  readonly ref_id: string | null;
}

/** What the log so far says about its run. Unknown values are `null`, never a guess or a zero. */
export interface RunView {
  readonly lastId: number;
  /** The API's own status, or `lost`. `queued` until the first state arrives. */
  readonly status: string;
  readonly isActive: boolean;
  /** 0 to 100, from the latest stats. */
  readonly progress: number | null;
  readonly sourcesConsidered: number | null;
  readonly sourcesRead: number | null;
  /** Every URL in any stats event, in the order first seen. */
  readonly sources: readonly string[];
  readonly counts: Readonly<Record<EventKind, number>>;
  readonly warnings: readonly Notice[];
  /** Why the run failed, or why recording stopped. */
  readonly error: Notice | null;
}

/** Our own status for a run whose recording stopped early because the API permanently refused it. */
export const LOST = "lost";

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
    warnings: [],
    error: null,
  };
}

/** Returns the view after one more event. Ignores an ID that the view has already seen. */
export function applyEvent(view: RunView, event: LogEvent, readPayload: PayloadReader): RunView {
  if (event.id <= view.lastId) return view;
  const kind = kindOf(event.type);
  const next = {
    ...view,
    lastId: event.id,
    counts: { ...view.counts, [kind]: view.counts[kind] + 1 },
  };
  const read = kind === "state"
    ? readState
    : kind === "stats"
    ? readStats
    : kind === "error"
    ? readError
    : null;
  // Most events only change counts.
  const payload = read && readPayload(event);
  return payload && read ? { ...next, ...read(view, payload) } : next;
}

function readState(view: RunView, payload: Record<string, unknown>): Partial<RunView> {
  const run = asRecord(payload.run);
  if (run === null || typeof run.status !== "string") return {};
  const warnings = Array.isArray(run.warnings)
    ? run.warnings.slice(0, MOST_WARNINGS)
      .flatMap((warning) => readNotice("warning", warning) ?? [])
    : view.warnings;
  return {
    status: run.status,
    isActive: typeof run.is_active === "boolean" ? run.is_active : isActiveStatus(run.status),
    warnings,
    // The run continues after all, so the earlier stop is no longer an error.
    error: readNotice("error", run.error) ?? (view.status === LOST ? null : view.error),
    // On some processors the meter stops short of 100. A completed run shows 100.
    progress: run.status === "completed" ? 100 : view.progress,
  };
}

/** The number of distinct sampled sources to keep: every sample compares with all of them. */
const MOST_SOURCES = 2_000;
/** Longer URLs appear in the trace only, because a page contains all distinct ones (characters). */
const SOURCE_CHARS = 500;
/** The most warnings of a run, and characters of one. */
const MOST_WARNINGS = 50;
const NOTICE_CHARS = 4_000;

function readStats(view: RunView, payload: Record<string, unknown>): Partial<RunView> {
  const stats = asRecord(payload.source_stats);
  const sample = Array.isArray(stats?.sources_read_sample) ? stats.sources_read_sample : [];
  const urls = sample.filter((url): url is string =>
    typeof url === "string" && url.length <= SOURCE_CHARS
  );
  return {
    progress: numberOf(payload.progress_meter) ?? view.progress,
    sourcesConsidered: numberOf(stats?.num_sources_considered) ?? view.sourcesConsidered,
    sourcesRead: numberOf(stats?.num_sources_read) ?? view.sourcesRead,
    sources: withSources(view.sources, urls),
  };
}

/** A view's URLs as a set, for the next sample: nearly all of its URLs are already known. */
const KNOWN = new WeakMap<readonly string[], Set<string>>();

function withSources(sources: readonly string[], urls: readonly string[]): readonly string[] {
  const known = KNOWN.get(sources) ?? new Set(sources);
  KNOWN.set(sources, known);
  const fresh = [...new Set(urls)].filter((url) => !known.has(url))
    .slice(0, MOST_SOURCES - sources.length);
  if (fresh.length === 0) return sources;
  const more = [...sources, ...fresh];
  for (const url of fresh) known.add(url);
  // The set now belongs to the longer list. The earlier view rebuilds its own if needed.
  KNOWN.delete(sources);
  KNOWN.set(more, known);
  return more;
}

/** An `error` event from the API does not end the run. The recorder's own last one does. */
function readError(view: RunView, payload: Record<string, unknown>): Partial<RunView> {
  const error = readNotice("error", payload.error) ?? view.error;
  const detail = asRecord(asRecord(payload.error)?.detail);
  return detail?.recording === "stopped" ? { error, status: LOST, isActive: false } : { error };
}

function readNotice(fallbackType: string, value: unknown): Notice | null {
  const record = asRecord(value);
  if (record === null || typeof record.message !== "string") return null;
  return {
    type: typeof record.type === "string" ? record.type : fallbackType,
    message: record.message.slice(0, NOTICE_CHARS),
    ref_id: typeof record.ref_id === "string" ? record.ref_id : null,
  };
}
