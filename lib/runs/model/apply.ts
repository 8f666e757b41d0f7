/**
 * The reducer behind every view of a log: how far the run is. A live page folds events with it; the server
 * adds what only it shows (view.ts). Pure, accepts unknown event types, runs in a browser.
 */
import { asRecord, isActiveStatus, type LogEvent, numberOf, STATUS_CHARS } from "./event.ts";
import { type EventKind, kindOf } from "./kinds.ts";

/** Reads an event's payload. Returns `null` if it is missing or unreadable. */
export type PayloadReader = (event: LogEvent) => Record<string, unknown> | null;

/** How far a run is. Unknown values are `null`, never a guess or a zero. */
export interface LiveView {
  readonly lastId: number;
  /** The API's own status, or `lost`. `queued` until the first state arrives. */
  readonly status: string;
  readonly isActive: boolean;
  /** 0 to 100, from the latest stats. */
  readonly progress: number | null;
  readonly sourcesConsidered: number | null;
  readonly sourcesRead: number | null;
  readonly counts: Readonly<Record<EventKind, number>>;
  /** How many of the `search` events are queries of a search, not its objective. */
  readonly queries: number;
}

/** Our own status for a run whose recording stopped early because the API permanently refused it. */
export const LOST = "lost";

/** Returns the view after one more event. Ignores an ID that the view has already seen. */
export function applyEvent<View extends LiveView>(
  view: View,
  event: LogEvent,
  readPayload: PayloadReader,
): View {
  if (event.id <= view.lastId) return view;
  const kind = kindOf(event.type);
  const next = {
    ...view,
    lastId: event.id,
    counts: { ...view.counts, [kind]: view.counts[kind] + 1 },
  };
  const read = READERS[kind];
  // Most events only change counts.
  const payload = read && readPayload(event);
  return payload && read ? { ...next, ...read(view, payload) } : next;
}

function readState(view: LiveView, payload: Record<string, unknown>): Partial<LiveView> {
  const run = asRecord(payload.run);
  if (run === null || typeof run.status !== "string") return {};
  return {
    status: run.status.slice(0, STATUS_CHARS),
    isActive: typeof run.is_active === "boolean" ? run.is_active : isActiveStatus(run.status),
    // On some processors the meter stops short of 100. A completed run shows 100.
    progress: run.status === "completed" ? 100 : view.progress,
  };
}

function readStats(view: LiveView, payload: Record<string, unknown>): Partial<LiveView> {
  const stats = asRecord(payload.source_stats);
  return {
    progress: numberOf(payload.progress_meter) ?? view.progress,
    sourcesConsidered: numberOf(stats?.num_sources_considered) ?? view.sourcesConsidered,
    sourcesRead: numberOf(stats?.num_sources_read) ?? view.sourcesRead,
  };
}

/** An `error` event from the API does not end the run. The recorder's own last one does. */
function readError(_view: LiveView, payload: Record<string, unknown>): Partial<LiveView> {
  const detail = asRecord(asRecord(payload.error)?.detail);
  return detail?.recording === "stopped" ? { status: LOST, isActive: false } : {};
}

function readSearch(view: LiveView, payload: Record<string, unknown>): Partial<LiveView> {
  return isQuery(payload.message) ? { queries: view.queries + 1 } : {};
}

/** Returns whether the message of a `search` event is a query of the search before it. */
export function isQuery(message: unknown): boolean {
  return typeof message === "string" && message.startsWith("Query:");
}

/** The kinds whose payload contributes to a view. */
const READERS: Partial<
  Record<EventKind, (view: LiveView, payload: Record<string, unknown>) => Partial<LiveView>>
> = { state: readState, stats: readStats, error: readError, search: readSearch };

/** The number of events of some kinds. A search is one, however many queries it has. */
export function countKinds({ counts, queries }: LiveView, kinds: readonly EventKind[]): number {
  const count = kinds.reduce((sum, kind) => sum + counts[kind], 0);
  return kinds.includes("search") ? count - queries || count : count;
}
