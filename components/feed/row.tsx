/**
 * One event of a run's log, one look per kind. The server renders the whole trace with it and the
 * live island appends with it, so that both look the same. The server does so through EventRow.tsx.
 */
import { type ComponentChildren, Fragment, render } from "preact";
import {
  asRecord,
  type EventKind,
  kindOf,
  type LogEvent,
  numberOf,
  type PayloadReader,
  sentPayloadOf,
} from "../../lib/runs/model/mod.ts";
import { clock, count, cut, percent, UNKNOWN } from "../../lib/base/mod.ts";
import { Status } from "../ui/Status.tsx";
import { WebLink } from "../ui/WebLink.tsx";

/** What a row needs of the run: the moment its clock starts (Unix ms). */
export interface RowProps {
  readonly event: LogEvent;
  readonly payload: Record<string, unknown> | null;
  /** The row before it (Unix ms): two clocks disagree, but a feed's time does not run backwards. */
  readonly notBeforeMs?: number;
  readonly startMs: number;
}

/** The short words for the kinds that do not go by their own names. */
const KIND_WORDS: Partial<Record<EventKind, string>> = {
  extract: "read",
  exec: "step",
  reasoning: "reason",
  analysis: "analyse",
};

/** A page shows this many characters of one message or payload; all of it is in result.json. */
const SHOWN_CHARS = 4_000;

/** A row of the feed: time, kind, what it says. */
export function Row({ event, payload, notBeforeMs = 0, startMs }: RowProps) {
  const kind = kindOf(event.type);
  const moment = momentOf(event, payload);
  const id = `e${event.id}`;
  const said = payload === null ? null : bodyOf(kind, payload);
  const known = said !== null && kind !== "other";
  const title = payload === null ? `${event.type}, ${flaw(event.data)}` : event.type;
  return (
    <li id={id} class="event" data-kind={kind} data-part={partOf(kind, payload)}>
      <a href={`#${id}`} class="at">
        <span class="sr-only">event {event.id} at</span>
        {moment === null ? UNKNOWN : <Times at={Math.max(moment, notBeforeMs)} startMs={startMs} />}
      </a>
      <span class="kind">
        <span>{kind === "other" ? lastPart(event.type) : KIND_WORDS[kind] ?? kind}</span>
      </span>
      <div class="what">
        {known && <Raw data={event.data} />}
        {said}
        {!known && <Raw title={title} data={event.data} />}
      </div>
    </li>
  );
}

/** Both clocks: the run's own, and the world's. The stylesheet shows the one that was picked. */
function Times({ at, startMs }: { at: number; startMs: number }) {
  const iso = new Date(at).toISOString();
  const time = iso.slice(11, 19);
  return (
    <time datetime={iso} title={`${iso.slice(0, 10)} ${time} UTC`}>
      <span>{clock(at - startMs)}</span>
      <span>{time}</span>
    </time>
  );
}

/** The queries of an objective stand together below it. */
function partOf(kind: EventKind, payload: Record<string, unknown> | null): string | undefined {
  return kind === "search" && /^Query:/.test(String(payload?.message)) ? "query" : undefined;
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
  return type.slice(type.lastIndexOf(".") + 1) || "other";
}

/** When it happened by the API's own clock, else when it was received; `null` where nobody knows. */
function momentOf(event: LogEvent, payload: Record<string, unknown> | null): number | null {
  const stamped = typeof payload?.timestamp === "string" ? Date.parse(payload.timestamp) : NaN;
  return Number.isNaN(stamped) ? event.received_ms : stamped;
}

/** The times up to and including each event: none is earlier than the one before (Unix ms). */
export function timesOf(
  events: readonly LogEvent[],
  fromMs: number,
  readPayload: PayloadReader,
): number[] {
  let ms = fromMs;
  return events.map((event) => ms = Math.max(ms, momentOf(event, readPayload(event)) ?? ms));
}

/** What an event says, in the look of its kind; `null` where it is of a shape that we do not know. */
function bodyOf(kind: EventKind, payload: Record<string, unknown>): ComponentChildren {
  const message = typeof payload.message === "string" ? payload.message : null;
  switch (kind) {
    case "state":
      return stateBody(payload);
    case "stats":
      return statsBody(payload);
    case "error": {
      const error = asRecord(payload.error);
      if (typeof error?.message !== "string") return null;
      return (
        <p>
          {shown(error.message)}
          {typeof error.ref_id === "string" && (
            <>
              {" "}
              <small>reference {error.ref_id}</small>
            </>
          )}
        </p>
      );
    }
    case "other":
      return message === null ? null : <p>{shown(message)}</p>;
    default:
      if (message === null) return null;
      if (kind === "search" || kind === "extract") return lookupBody(message);
      return kind === "tool" ? toolBody(message) : saidBody(message);
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
      {count(numberOf(stats?.num_sources_considered))} considered ·{" "}
      {count(numberOf(stats?.num_sources_read))} read · {percent(numberOf(payload.progress_meter))}
    </p>
  );
}

function saidBody(message: string) {
  return <p class="said">{shown(message)}</p>;
}

/** Searches and reads name what they look for after a prefix of the API's. */
function lookupBody(message: string) {
  const [, label = "", rest = message] = /^(Objective|Query|Extract): ?([\s\S]*)$/.exec(message) ??
    [];
  if (label === "Query") return <p class="query">{shown(rest)}</p>;
  if (label === "Extract") {
    return (
      <p>
        {/* An address longer than any is text. */}
        {rest.length > SHOWN_CHARS
          ? shown(rest)
          : <WebLink href={rest} class="url">{rest}</WebLink>}
      </p>
    );
  }
  return saidBody(rest);
}

/** The API's two sentences about tools name a server and a tool; any other says what it says. */
function toolBody(message: string) {
  const [, server, tool] =
    /^(?:Executing MCP tool call on|Listing tools for MCP) server (\S+?)(?: with tool (\S+?))?\.?$/
      .exec(message) ?? [];
  if (server === undefined) return saidBody(message);
  return (
    <p>
      {tool === undefined ? "lists the tools of " : "calls "}
      <b>{shown(tool === undefined ? server : `${server}.${tool}`)}</b>
    </p>
  );
}

/** The payload as it came, folded; without a title in the margin of what it says. */
function Raw({ title, data }: { title?: string; data: string }) {
  return (
    <details class={title ? "" : "wire"}>
      <summary>
        <code>{title ?? "{}"}</code>
        {!title && <span class="sr-only">raw JSON</span>}
      </summary>
      <pre tabIndex={0}>{shown(data)}</pre>
    </details>
  );
}

function shown(text: string): string {
  return cut(text, SHOWN_CHARS);
}

// Adds rows to the trace that the server rendered, with the component that rendered it.
/** Appends one row per event. The rows are plain markup: nothing of Preact stays attached. */
export function appendRows(list: HTMLElement, events: readonly LogEvent[], startMs: number) {
  const holder = document.createElement("ol");
  // What a page catches up on carries no time of its own but in messages: the row before it has one.
  const times = timesOf(events, Number(list.dataset.at ?? startMs), sentPayloadOf);
  render(
    <Fragment>
      {events.map((event, i) => (
        <Row
          key={event.id}
          event={{ ...event, received_ms: event.received_ms ?? times[i] ?? startMs }}
          payload={sentPayloadOf(event)}
          notBeforeMs={times[i]}
          startMs={startMs}
        />
      ))}
    </Fragment>,
    holder,
  );
  if (times.length > 0) list.dataset.at = String(times.at(-1));
  list.append(...holder.childNodes);
}
