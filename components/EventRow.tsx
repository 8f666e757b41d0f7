/**
 * One event of a run's log, one look per kind. The server renders the whole trace with it and the
 * live island appends with it, so that both look the same.
 */
import type { ComponentChildren } from "preact";
import { asRecord, type EventKind, kindOf, type LogEvent, payloadOf } from "../lib/runs/event.ts";
import { clock, count, cut, percent } from "./format.ts";
import { Status } from "./Status.tsx";
import { WebLink } from "./WebLink.tsx";

/** What a row needs of the run: the moment its clock starts (Unix ms). */
export interface EventRowProps {
  readonly event: LogEvent;
  /** The row before it (Unix ms): two clocks disagree, but a feed's time does not run backwards. */
  readonly notBeforeMs?: number;
  readonly startMs: number;
}

/** The short word for a kind. */
export const KIND_WORDS: Readonly<Record<EventKind, string>> = {
  state: "state",
  stats: "stats",
  plan: "plan",
  search: "search",
  extract: "read",
  result: "result",
  tool: "tool",
  exec: "step",
  reasoning: "reason",
  analysis: "analyse",
  error: "error",
  other: "other",
};

/** A page shows this many characters of one message or payload; all of it is in result.json. */
const SHOWN_CHARS = 4_000;

/** A row of the feed: time, kind, what it says. */
export function EventRow({ event, notBeforeMs = 0, startMs }: EventRowProps) {
  const kind = kindOf(event.type);
  const payload = payloadOf(event);
  const at = momentOf(event, payload);
  return (
    <li id={`e${event.id}`} class="event" data-kind={kind}>
      <span class="at">{clock(at === null ? null : Math.max(at, notBeforeMs) - startMs)}</span>
      <span class="kind">
        <span>{kind === "other" ? lastPart(event.type) : KIND_WORDS[kind]}</span>
      </span>
      <div class="what">
        {payload === null
          ? <Raw title={`${event.type}, ${flaw(event.data)}`} data={event.data} />
          : bodyOf(kind, event, payload)}
      </div>
    </li>
  );
}

function flaw(data: string): string {
  try {
    JSON.parse(data);
    return "not an object";
  } catch {
    return "not JSON";
  }
}

/** What is new in the name of a type that we do not know. */
function lastPart(type: string): string {
  return type.slice(type.lastIndexOf(".") + 1) || KIND_WORDS.other;
}

/** When it happened by the API's own clock, else when it was received; `null` where nobody knows. */
export function momentOf(event: LogEvent, payload: Record<string, unknown> | null): number | null {
  const stamped = typeof payload?.timestamp === "string" ? Date.parse(payload.timestamp) : NaN;
  return Number.isNaN(stamped) ? event.received_ms : stamped;
}

/** The times up to and including each event: none is earlier than the one before (Unix ms). */
export function timesOf(events: readonly LogEvent[], fromMs = 0): number[] {
  let ms = fromMs;
  return events.map((event) => ms = Math.max(ms, momentOf(event, payloadOf(event)) ?? ms));
}

function bodyOf(kind: EventKind, event: LogEvent, payload: Record<string, unknown>) {
  const message = typeof payload.message === "string" ? payload.message : null;
  switch (kind) {
    case "state":
      return stateBody(payload) ?? <Raw title={event.type} data={event.data} />;
    case "stats":
      return statsBody(payload);
    case "error": {
      const error = asRecord(payload.error);
      if (typeof error?.message !== "string") return <Raw title={event.type} data={event.data} />;
      return (
        <p>
          {shown(error.message)}
          {typeof error.ref_id === "string" && (
            <>
              {" "}
              <Ref id={error.ref_id} />
            </>
          )}
        </p>
      );
    }
    case "other":
      return (
        <>
          {message !== null && <p>{shown(message)}</p>}
          <Raw title={event.type} data={event.data} />
        </>
      );
    default:
      if (message === null) return <Raw title={event.type} data={event.data} />;
      return kind === "search" || kind === "extract"
        ? lookupBody(message)
        : <p class="said">{shown(message)}</p>;
  }
}

function stateBody(payload: Record<string, unknown>): ComponentChildren {
  const run = asRecord(payload.run);
  if (typeof run?.status !== "string") return null;
  const error = asRecord(run.error);
  return (
    <p>
      <Status status={run.status} />
      {typeof error?.message === "string" && <>: {shown(error.message)}</>}
    </p>
  );
}

function statsBody(payload: Record<string, unknown>) {
  const stats = asRecord(payload.source_stats);
  return (
    <p>
      {count(number(stats?.num_sources_considered))} considered ·{" "}
      {count(number(stats?.num_sources_read))} read · {percent(number(payload.progress_meter))}
    </p>
  );
}

/** Searches and reads name what they look for after a prefix of the API's. */
function lookupBody(message: string) {
  const [, label = "", rest = message] = /^(Objective|Query|Extract): ?([\s\S]*)$/.exec(message) ??
    [];
  if (label === "Query") return <p class="query">{shown(rest)}</p>;
  if (label === "Extract") {
    return (
      <p>
        <WebLink href={rest} class="url">{shown(rest)}</WebLink>
      </p>
    );
  }
  return <p class="said">{shown(rest)}</p>;
}

function Ref({ id }: { id: string }) {
  return <small>reference {id}</small>;
}

function Raw({ title, data }: { title: string; data: string }) {
  return (
    <details>
      <summary>
        <code>{title}</code>
      </summary>
      <pre tabIndex={0}>{shown(data)}</pre>
    </details>
  );
}

function shown(text: string): string {
  return cut(text, SHOWN_CHARS);
}

function number(value: unknown): number | null {
  return typeof value === "number" && Number.isFinite(value) ? value : null;
}
