/** A run over time: its phases, and the growth of its sources. Pure. */
import {
  asRecord,
  type EventKind,
  kindOf,
  type LogEvent,
  payloadOf,
} from "../../lib/runs/model/mod.ts";
import { timesOf } from "../run/Trace.tsx";

/** The phases of a run, in their usual order. */
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

/** The phase that an event kind indicates. Other kinds indicate none. */
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

/** A period in one phase. Times are in ms since the run's creation. */
export interface Span {
  readonly lane: Lane;
  readonly fromMs: number;
  readonly toMs: number;
  readonly events: number;
}

/** The sources at one time; `null` if the API gave none. */
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

/** The run from its creation to its end (Unix ms), or to its last event if the end is unknown. */
export function timelineOf(
  events: readonly LogEvent[],
  startMs: number,
  endMs: number | null,
): Timeline {
  const times = timesOf(events, startMs);
  const lastMs = Math.max(startMs, endMs ?? startMs, times.at(-1) ?? startMs);
  const spans: Span[] = [];
  const sources: SourcesAt[] = [];
  // A run is queued until the API reports otherwise. For a trace without its start, that is unknown.
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

/** Returns whether events are only the newest ones of a longer trace. */
export function isCut([first]: readonly LogEvent[]): boolean {
  return first !== undefined && first.id > 1;
}

/** A state ends the queued phase. Messages indicate the later phases. */
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

/** The total duration of each phase that occurred, in order. */
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
