/** What an event of a trace says, in the layout of its kind. */
import type { ComponentChildren } from "preact";
import {
  asRecord,
  isQuery,
  kindOf,
  type LogEvent,
  momentOf,
  numberOf,
  type PayloadReader,
} from "../../lib/runs/model/mod.ts";
import { count, cut, percent } from "../../lib/base/mod.ts";
import { hostOf, REL, webUrl } from "../../lib/results/mod.ts";
import { SiteInitial } from "../ui/WebLink.tsx";
import { Status } from "../ui/Status.tsx";

/** An event with what a row reads of it. */
export interface Shown extends LogEvent {
  readonly payload: Record<string, unknown> | null;
  /** Unix ms; 0 if unknown. No event is earlier than the one before: two clocks disagree. */
  readonly at: number;
}

/** Reads events in order. Those without a time get the time of the one before, at first `fromMs`. */
export function readEvents(
  events: readonly LogEvent[],
  fromMs: number,
  readPayload: PayloadReader,
): Shown[] {
  let at = fromMs;
  return events.map((event) => {
    const payload = readPayload(event);
    at = Math.max(at, momentOf(event, payload) ?? at);
    return { ...event, payload, at };
  });
}

/** The message of an event, for {@linkcode foldSteps}. */
export function messageOf({ payload }: Shown): unknown {
  return payload?.message;
}

/** A page shows this many characters of one message or payload; all of it is in result.json. */
const SHOWN_CHARS = 4_000;
/** A text longer than this is folded to a few lines. */
const FOLD_CHARS = 480;

/** Whether an event is a query or a page of a group. */
export function isPart({ type, payload }: Shown): boolean {
  const kind = kindOf(type);
  return kind === "extract" || kind === "search" && isQuery(payload?.message);
}

/** What an event says, without the API's prefix; raw if it has no message. */
export function shownText({ type, payload, data }: Shown): string {
  const kind = kindOf(type), message = payload?.message;
  const text = typeof message === "string" ? message : data;
  return cut(
    kind === "search" || kind === "extract"
      ? text.replace(
        /^(Objective|Query|Extract): *(.?)/,
        (_, prefix, first) => prefix === "Objective" ? first.toUpperCase() : first,
      )
      : text,
    SHOWN_CHARS,
  );
}

/** What an event says, in the layout of its kind. An event of a shape that we do not know is shown raw. */
export function bodyOf(event: Shown): ComponentChildren {
  const { type, payload } = event;
  const kind = kindOf(type), text = shownText(event);
  const error = asRecord(payload?.error), run = asRecord(payload?.run);
  if (kind === "extract") {
    return (
      <p class="u">
        <PageLink address={text} />
      </p>
    );
  }
  if (kind === "state" && typeof run?.status === "string") {
    return (
      <>
        <Status status={run.status} />
        <Text text={asRecord(run.error)?.message} />
      </>
    );
  }
  if (kind === "stats" && payload) {
    const stats = asRecord(payload.source_stats);
    return `${count(numberOf(stats?.num_sources_considered))} considered · ${
      count(numberOf(stats?.num_sources_read))
    } read · ${percent(numberOf(payload.progress_meter))}`;
  }
  if (kind === "error" && error) return <Text text={error.message ?? text} ref_id={error.ref_id} />;
  if (kind === "search" && isPart(event)) return <p class="q">“{text}”</p>;
  return <Text text={kind === "tool" ? toolText(text) : text} />;
}

/** The API's two sentences about tools name a server and a tool. Other messages are shown as they are. */
function toolText(message: string): string {
  return message
    .replace(/^Executing MCP tool call on server (\S+) with tool (\S+?)\.?$/, "calls $1.$2")
    .replace(/^Listing tools for MCP server (\S+?)\.?$/, "lists the tools of $1");
}

/** A message with the API's reference, folded if it is long. */
function Text({ text: whole, ref_id }: { text: unknown; ref_id?: unknown }) {
  if (typeof whole !== "string") return null;
  const text = whole.length > 2 * SHOWN_CHARS ? cut(whole, SHOWN_CHARS) : whole;
  if (text.length > FOLD_CHARS) {
    return (
      <details class="said">
        <summary>{text}</summary>
      </details>
    );
  }
  return (
    <p class="said">
      {text}
      {typeof ref_id === "string" && ` (reference ${ref_id})`}
    </p>
  );
}

/** A page that was read, by its site. */
export function PageLink({ address, isExample }: { address: string; isExample?: boolean }) {
  // An address longer than any is text.
  const url = address.length > SHOWN_CHARS ? null : webUrl(address);
  if (url === null) return <span>{address}</span>;
  const host = hostOf(address);
  const words = (
    <>
      {host} <span>{url.pathname + url.search}</span>
    </>
  );
  return (
    <>
      <SiteInitial host={host} />
      {isExample
        ? <span class="page-link">{words}</span>
        : <a href={url.href} rel={REL} class="page-link">{words}</a>}
    </>
  );
}
