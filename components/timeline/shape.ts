/**
 * A run over time: which phase it was in when, and how its sources grew. Pure.
 */
import {
  asRecord,
  type EventKind,
  kindOf,
  type LogEvent,
  payloadOf,
} from "../../lib/runs/model/mod.ts";
import { timesOf } from "../run/Trace.tsx";

/** What a run may be doing, in the order it usually does. */
export const LANES = [
  "queued",
  "planning",
  "searching",
  "reading",
  "tools",
  "findings",
  "other work",
] as const;

export type Lane = (typeof LANES)[number];

/** What an event of a kind says the run is doing; the rest say nothing of it. */
const LANE_OF: Partial<Record<EventKind, Lane>> = {
  plan: "planning",
  reasoning: "planning",
  analysis: "planning",
  search: "searching",
  extract: "reading",
  tool: "tools",
  result: "findings",
  exec: "other work",
  other: "other work",
};

/** A stretch of one phase. Times are ms since the run was created. */
export interface Span {
  readonly lane: Lane;
  readonly fromMs: number;
  readonly toMs: number;
  readonly events: number;
}

/** The sources at one moment; `null` where the API did not say. */
export interface SourcesAt {
  readonly atMs: number;
  readonly considered: number | null;
  readonly read: number | null;
}

export interface Timeline {
  readonly lengthMs: number;
  readonly spans: readonly Span[];
  readonly sources: readonly SourcesAt[];
}

/** The run from its creation to its end (Unix ms); without a known end, to its last event. */
export function timelineOf(
  events: readonly LogEvent[],
  startMs: number,
  endMs: number | null,
): Timeline {
  const times = timesOf(events, startMs);
  const lastMs = Math.max(startMs, endMs ?? startMs, times.at(-1) ?? startMs);
  const spans: Span[] = [];
  const sources: SourcesAt[] = [];
  // Until the API says otherwise a run waits for its turn. Of a trace without its start, that is unknown.
  let lane: Lane | null = isCut(events) ? null : "queued", sinceMs = 0, count = 0;
  const close = (toMs: number) => {
    if (lane !== null && (toMs > sinceMs || count > 0)) {
      spans.push({ lane, fromMs: sinceMs, toMs, events: count });
    }
  };
  for (const [at, event] of events.entries()) {
    const atMs = (times[at] ?? startMs) - startMs;
    const kind = kindOf(event.type);
    if (kind === "stats") {
      sources.push({ atMs, ...sourcesOf(event) });
      continue;
    }
    const next = kind === "state" ? laneOfState(event) : LANE_OF[kind];
    if (next === undefined) continue;
    if (next !== lane) {
      close(atMs);
      lane = next;
      sinceMs = atMs;
      count = 0;
    }
    count++;
  }
  close(lastMs - startMs);
  return { lengthMs: lastMs - startMs, spans, sources };
}

/** Whether events are the newest ones of a longer trace. */
export function isCut([first]: readonly LogEvent[]): boolean {
  return first !== undefined && first.id > 1;
}

/** A state ends the waiting; what else the run does its messages say. */
function laneOfState(event: LogEvent): Lane | undefined {
  const status = asRecord(payloadOf(event)?.run)?.status;
  return status === "queued" ? "queued" : status === "running" ? "other work" : undefined;
}

function sourcesOf(event: LogEvent): Omit<SourcesAt, "atMs"> {
  const stats = asRecord(payloadOf(event)?.source_stats);
  return {
    considered: number(stats?.num_sources_considered),
    read: number(stats?.num_sources_read),
  };
}

function number(value: unknown): number | null {
  return typeof value === "number" && Number.isFinite(value) ? value : null;
}

/** A phase as a whole. */
export interface Phase {
  readonly lane: Lane;
  readonly tookMs: number;
  readonly events: number;
}

/** How long each phase took in all, those that there were, in their order. */
export function phasesOf({ spans }: Timeline): Phase[] {
  return LANES.flatMap((lane) => {
    const own = spans.filter((span) => span.lane === lane);
    if (own.length === 0) return [];
    return [{
      lane,
      tookMs: own.reduce((sum, span) => sum + span.toMs - span.fromMs, 0),
      events: own.reduce((sum, span) => sum + span.events, 0),
    }];
  });
}
