/** Reads the part of a run's trace that a page shows, and no more of a long log than that needs. */
import { nextTurn } from "../../base/mod.ts";
import { type Weigh, weighEvents } from "../../limits/mod.ts";
import { readTrace } from "../log/mod.ts";
import {
  beginsStep,
  type Digest,
  digestEvents,
  emptyDigest,
  type EventKind,
  kindFilters,
  kindOf,
  type LogEvent,
  matching,
  payloadOf,
  type TracePart,
  type TraceQuery,
} from "../model/mod.ts";

/** The events of a part, and what their texts may add up to as HTML (bytes). */
const PART_EVENTS = 100;
const PART_BYTES = 100_000;
/** A row shows no more of one event than this (characters). */
const ROW_CHARS = 4_000;

/** The log that a part is read from. */
export interface TraceSource {
  readonly kv: Deno.Kv;
  readonly runId: string;
  /** The last durable ID. */
  readonly lastId: number;
  readonly ended: boolean;
  readonly weigh: Weigh;
  /** What a reader may see of an event. */
  readonly publish: (event: LogEvent) => LogEvent;
}

/** Events and their position in the trace. */
export interface ReadPart {
  readonly events: readonly LogEvent[];
  readonly part: TracePart;
}

/** Reads a part of a trace. */
export function readPart(source: TraceSource, query: TraceQuery): Promise<ReadPart> {
  return query.find.trim() === "" && query.kind === ""
    ? readPlain(source, query)
    : readFiltered(source, query);
}

/** Returns the fold of a log up to an ID: the stored digest, with the later events applied. */
export async function foldLog(
  { kv, runId, lastId, weigh }: Omit<TraceSource, "ended" | "publish">,
  digest: Digest | null,
  startMs: number,
): Promise<Digest> {
  const isUsable = digest !== null && digest.view.lastId <= lastId;
  let folded = isUsable ? digest : emptyDigest(startMs);
  const from = folded.view.lastId + 1;
  const range = { from, to: lastId, output: null, weigh: weighEvents(weigh) };
  for await (const event of readTrace(kv, runId, range)) folded = digestEvents([event], folded);
  return folded;
}

/** The window of IDs that a query names, as large as a part may be. */
function windowOf(
  { from, to, raw }: TraceQuery,
  lastId: number,
  ended: boolean,
): { readonly from: number; readonly to: number; readonly backwards: boolean } {
  if (raw !== null && from === null && to === null) {
    // Put it in the middle, so the events before it are visible too.
    const first = Math.max(1, Math.min(raw, lastId) - (PART_EVENTS >> 1));
    return { from: first, to: Math.min(lastId, first + PART_EVENTS - 1), backwards: false };
  }
  if (from !== null || (to === null && ended)) {
    const first = Math.max(1, Math.min(from ?? 1, lastId));
    return { from: first, to: Math.min(lastId, first + PART_EVENTS - 1), backwards: false };
  }
  const last = Math.max(1, Math.min(to ?? lastId, lastId));
  return { from: Math.max(1, last - PART_EVENTS + 1), to: last, backwards: true };
}

async function readPlain(source: TraceSource, query: TraceQuery): Promise<ReadPart> {
  const { lastId, ended } = source;
  const { from, to, backwards } = windowOf(query, lastId, ended);
  const read: LogEvent[] = [];
  // No further than the rest of the page: the first event may have been stored since.
  for await (const event of eventsOf(source, from, Math.min(to, lastId))) read.push(event);
  const fitting = fit(read, backwards);
  const events = backwards
    ? fromStep(fitting)
    : toStep(fitting, { needed: query.raw ?? 0, lastId });
  const first = events[0]?.id ?? 1, last = events.at(-1)?.id ?? 0;
  const total = lastId;
  return {
    events,
    part: {
      query,
      total,
      found: total,
      upTo: last,
      earlier: first > 1 ? first - 1 : null,
      later: last < lastId ? last + 1 : null,
    },
  };
}

/** Reads the whole log and keeps the events that match the query. */
async function readFiltered(source: TraceSource, query: TraceQuery): Promise<ReadPart> {
  const { lastId, ended } = source;
  const backwards = query.from === null && (query.to !== null || !ended);
  const limit = query.to ?? lastId;
  const first = query.from ?? 1;
  const passes = passing(query);
  let kept: LogEvent[] = [];
  let found = 0, earlier: number | null = null, later: number | null = null;
  for await (const event of eventsOf(source, 1, lastId)) {
    if (!await passes(event)) continue;
    found++;
    if (backwards) {
      if (event.id > limit) later ??= event.id;
      else kept.push(event);
      if (kept.length > PART_EVENTS) earlier = kept.shift()?.id ?? null;
    } else if (event.id < first) earlier = event.id;
    else if (kept.length < PART_EVENTS) kept.push(event);
    else later ??= event.id;
  }
  const fitting = fit(kept, backwards);
  if (fitting.length < kept.length) {
    if (backwards) earlier = kept[kept.length - fitting.length - 1]?.id ?? null;
    else later = kept[fitting.length]?.id ?? null;
    kept = fitting;
  }
  const part = { query, total: lastId, found, upTo: lastId, earlier, later };
  return { events: kept, part };
}

async function* eventsOf(
  { kv, runId, weigh, publish }: TraceSource,
  from: number,
  to: number,
): AsyncGenerator<LogEvent> {
  const range = { from, to, output: null, weigh: weighEvents(weigh) };
  for await (const event of readTrace(kv, runId, range)) yield publish(event);
}

/** Returns as many events from the start, or from the end, as fit a part: at least one. */
function fit(events: LogEvent[], backwards: boolean): LogEvent[] {
  let bytes = 0, count = 0;
  for (const event of backwards ? events.toReversed() : events) {
    bytes += rowBytes(event);
    if (count > 0 && bytes > PART_BYTES) break;
    count++;
  }
  return backwards ? events.slice(events.length - count) : events.slice(0, count);
}

/**
 * A row contains a web page's address twice, as link and as text. An escaped character takes up to six bytes.
 */
function rowBytes({ type, data }: LogEvent): number {
  const shown = type + data.slice(0, ROW_CHARS);
  const bytes = 3 * shown.length - 2 * (shown.match(/[\x20-\x7e]/g)?.length ?? 0) +
    5 * (shown.match(/[&<>"]/g)?.length ?? 0);
  return kindOf(type) === "extract" ? 2 * bytes : bytes;
}

/** Drops leading events that belong to an earlier group, unless they are half of all. */
function fromStep(events: LogEvent[]): LogEvent[] {
  if (events[0]?.id === 1) return events;
  const at = events.findIndex(begins);
  return at > 0 && at <= events.length / 2 ? events.slice(at) : events;
}

/** Drops trailing events of a group that continues later, unless they are half of all. */
function toStep(
  events: LogEvent[],
  { needed, lastId }: { readonly needed: number; readonly lastId: number },
): LogEvent[] {
  if (events.at(-1)?.id === lastId) return events;
  const at = events.findLastIndex(begins);
  return at >= events.length / 2 && (events[at]?.id ?? 0) > needed ? events.slice(0, at) : events;
}

function begins(event: LogEvent): boolean {
  return beginsStep(event.type, messageOf(event));
}

/** An event's message, if it has one. */
export function messageOf(event: LogEvent): unknown {
  return payloadOf(event)?.message;
}

/** A longer event is searched in parts (characters). */
const LONG_CHARS = 256 * 1024;
/** A part of an event that is searched at once, and how much of it the next part repeats (characters). */
const SEARCHED_CHARS = 128 * 1024, REPEATED_CHARS = 8 * 1024;

/** Returns whether an event passes a query's search and filter. Create one per search. */
function passing({ find, kind }: TraceQuery): (event: LogEvent) => boolean | Promise<boolean> {
  const kinds: readonly EventKind[] | undefined = kindFilters().get(kind);
  const matches = matching(find);
  return (event) => {
    if (kind !== "" && !kinds?.includes(kindOf(event.type))) return false;
    return event.data.length <= LONG_CHARS ? matches(event) : matchesInTurns(matches, event);
  };
}

/** Searches the unparsed text of an event that is too long to be parsed for a search. */
export async function matchesInTurns(
  matches: (event: LogEvent) => boolean,
  event: LogEvent,
): Promise<boolean> {
  for (let at = 0; at < event.data.length; at += SEARCHED_CHARS) {
    const data = event.data.slice(at, at + SEARCHED_CHARS + REPEATED_CHARS);
    if (matches({ ...event, data })) return true;
    await nextTurn();
  }
  return false;
}
