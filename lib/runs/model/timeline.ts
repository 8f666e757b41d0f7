/**
 * A run over time: its phases, and the growth of its sources. Folded event by event into a bounded size, so
 * that a page needs no long log for it. Pure.
 */
import { asRecord, type LogEvent, momentOf, numberOf } from "./event.ts";
import { kindOf, KINDS, type Lane } from "./kinds.ts";

export type { Lane } from "./kinds.ts";

/** The phases of a run, in their usual order. */
export const LANES: readonly Lane[] = [
  "queued",
  "planning",
  "searching",
  "reading",
  "tools",
  "findings",
  "other work",
];

/** A period in one phase. Times are in ms since the run's creation. */
export interface Span {
  readonly lane: Lane;
  readonly fromMs: number;
  readonly toMs: number;
}

/** The sources at one time; `null` if the API gave none. */
export interface SourcesAt {
  readonly atMs: number;
  readonly considered: number | null;
  readonly read: number | null;
}

/** A phase as a whole. */
export interface Phase {
  readonly lane: Lane;
  readonly tookMs: number;
  readonly events: number;
}

export interface Timeline {
  readonly lengthMs: number;
  /** Without gaps. If there are very many, the shortest are merged into their neighbours. */
  readonly spans: readonly Span[];
  /** Exact, even if spans are merged. */
  readonly phases: readonly Phase[];
  readonly sources: readonly SourcesAt[];
}

/** The fold of a log so far. Times are Unix ms; a run is created at its first `fromMs`. */
export interface TimelineFold {
  readonly lane: Lane;
  readonly sinceMs: number;
  /** Events of the present phase. */
  readonly count: number;
  /** An event never appears earlier than the one before it, even if two clocks disagree. */
  readonly lastMs: number;
  readonly spans: readonly Span[];
  readonly phases: readonly Phase[];
  readonly sources: readonly SourcesAt[];
  /** Whether the log says more than how the run ended. */
  readonly hasWork: boolean;
}

/** The most spans: more are indistinguishable in the chart. */
const MAX_SPANS = 400;
const MAX_SOURCES = 200;

/** The fold of an empty log. A run is queued until the API reports otherwise. */
export function emptyTimeline(startMs: number): TimelineFold {
  return {
    lane: "queued",
    sinceMs: startMs,
    count: 0,
    lastMs: startMs,
    spans: [],
    phases: [],
    sources: [],
    hasWork: false,
  };
}

/** Returns the fold after one more event. */
export function foldTimeline(
  fold: TimelineFold,
  event: LogEvent,
  payload: Record<string, unknown> | null,
): TimelineFold {
  const kind = kindOf(event.type);
  const lastMs = Math.max(fold.lastMs, momentOf(event, payload) ?? fold.lastMs);
  const seen = { ...fold, lastMs, hasWork: fold.hasWork || kind !== "state" };
  if (kind === "stats") {
    const stats = asRecord(payload?.source_stats);
    const more = [...fold.sources, {
      atMs: lastMs,
      considered: numberOf(stats?.num_sources_considered),
      read: numberOf(stats?.num_sources_read),
    }];
    // The counts only grow, so every second one says enough. The newest is one of them.
    const isKept = (_: SourcesAt, at: number) => (more.length - 1 - at) % 2 === 0;
    const sources = more.length <= MAX_SOURCES ? more : more.filter(isKept);
    return { ...seen, sources };
  }
  const lane = kind === "state" ? laneOfState(payload) : KINDS[kind].lane;
  if (lane === undefined) return seen;
  if (lane === fold.lane) return { ...seen, count: fold.count + 1 };
  return { ...seen, ...closed(fold, lastMs), lane, sinceMs: lastMs, count: 1 };
}

/** Ends the current phase. */
function closed(
  { lane, sinceMs, count, spans, phases }: TimelineFold,
  toMs: number,
): Pick<TimelineFold, "spans" | "phases"> {
  const tookMs = toMs - sinceMs;
  if (tookMs <= 0 && count === 0) return { spans, phases };
  const before = phases.find((phase) => phase.lane === lane);
  const phase = {
    lane,
    tookMs: (before?.tookMs ?? 0) + tookMs,
    events: (before?.events ?? 0) + count,
  };
  return {
    spans: fewer([...spans, { lane, fromMs: sinceMs, toMs }]),
    phases: [...phases.filter((each) => each !== before), phase],
  };
}

/** Merges the shortest spans into the ones before them if there are too many. */
function fewer(spans: readonly Span[]): readonly Span[] {
  if (spans.length <= MAX_SPANS) return spans;
  const lengths = spans.map(({ fromMs, toMs }) => toMs - fromMs).sort((a, b) => a - b);
  const shortest = lengths[spans.length >> 1] ?? 0;
  const kept: Span[] = [];
  for (const span of spans) {
    const last = kept.at(-1);
    const joins = last !== undefined &&
      (last.lane === span.lane || span.toMs - span.fromMs <= shortest);
    if (joins) kept[kept.length - 1] = { ...last, toMs: span.toMs };
    else kept.push(span);
  }
  return kept;
}

/** A state ends the queued phase. Messages indicate the later phases. */
function laneOfState(payload: Record<string, unknown> | null): Lane | undefined {
  const status = asRecord(payload?.run)?.status;
  return status === "queued" ? "queued" : status === "running" ? "other work" : undefined;
}

/** The run from its creation to its end (Unix ms), or to its last event if the end is unknown. */
export function timelineOf(fold: TimelineFold, startMs: number, endMs: number | null): Timeline {
  const lastMs = Math.max(startMs, endMs ?? startMs, fold.lastMs);
  const { spans, phases } = closed(fold, lastMs);
  const since = (ms: number) => ms - startMs;
  return {
    lengthMs: since(lastMs),
    spans: spans.map(({ lane, fromMs, toMs }) => ({
      lane,
      fromMs: since(fromMs),
      toMs: since(toMs),
    })),
    phases: LANES.flatMap((lane) => phases.find((phase) => phase.lane === lane) ?? []),
    sources: fold.sources.map((each) => ({ ...each, atMs: since(each.atMs) })),
  };
}
