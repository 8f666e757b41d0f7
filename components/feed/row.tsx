/**
 * One step of a trace: an event, or a search with its queries and the pages that were read for it. Pages
 * render the trace with it and the live island appends with it, so that both look the same.
 */
import type { ComponentChildren } from "preact";
import { type EventKind, kindOf, KINDS, type Step } from "../../lib/runs/model/mod.ts";
import { clock, UNKNOWN } from "../../lib/base/mod.ts";
import { hostOf } from "../../lib/results/mod.ts";
import { Icon } from "../ui/Icon.tsx";
import { SiteInitial } from "../ui/WebLink.tsx";
import { bodyOf, isPart, PageLink, type Shown, shownText } from "./body.tsx";

/** What a row needs of the run and its page. */
export interface RowContext {
  /** When the run's clock starts (Unix ms). */
  readonly startMs: number;
  /** The raw payload, for the event that shows it. */
  readonly rawOf?: (event: Shown) => ComponentChildren;
  /** Whether groups are open. */
  readonly open?: boolean;
  /** An example: no page has these events, so nothing links to them. */
  readonly isExample?: boolean;
  /** Until a search has found it. Hidden later, it would be seen for a moment. */
  readonly hidden?: boolean;
}

/** A row of the feed: time, mark, kind, text. */
export function StepRow({ step, ...context }: RowContext & { step: Step<Shown> }) {
  const [first, ...rest] = step.events;
  if (step.kind === "row") return <EventRow event={first} more={rest} {...context} />;
  // Only an objective has the row for its own. Everything else is listed in the group.
  const isSearch = step.kind === "search", hasOwn = isSearch && !isPart(first);
  const text = shownText(first), parts = hasOwn ? rest : step.events;
  return (
    <Line
      event={hasOwn ? first : null}
      at={first.at}
      kind={isSearch ? "search" : "extract"}
      isGroup
      {...context}
    >
      <details class="w" open={context.open}>
        <summary>
          <span>
            {hasOwn
              ? text
              : isSearch
              ? `“${text}”`
              : `Pages read from ${clock(first.at - context.startMs)}`}
          </span>
          <span class="n">
            <Counts {...countsOf(parts)} />
          </span>
        </summary>
        <ul>
          {parts.map((event) => <PartRow key={event.id} event={event} {...context} />)}
        </ul>
      </details>
    </Line>
  );
}

/** An event as its own row. `more`: events without a row, whose addresses lead here. */
export function EventRow(
  { event, more = [], ...context }: RowContext & { event: Shown; more?: readonly Shown[] },
) {
  return (
    <Line event={event} at={event.at} kind={kindOf(event.type)} {...context}>
      <div class="w">
        {bodyOf(event)}
        <Anchors events={more} />
      </div>
    </Line>
  );
}

/** What all rows have in common. `event`: the row's own, if it is not that of a group alone. */
function Line(
  { event, at, kind, isGroup, children, ...context }: RowContext & {
    event: Shown | null;
    at: number;
    kind: EventKind;
    isGroup?: boolean;
    children: ComponentChildren;
  },
) {
  const { word, icon, tone } = KINDS[kind];
  return (
    <li
      id={event ? `e${event.id}` : undefined}
      class="e"
      data-kind={kind}
      data-tone={isGroup ? undefined : tone}
      hidden={context.hidden}
    >
      {event ? <At event={event} {...context} /> : <Time at={at} {...context} />}
      <Icon name={icon} />
      <span class="k">{word || lastPart(event!.type)}</span>
      {children}
      {event && context.rawOf?.(event)}
    </li>
  );
}

/** A query or a page of a group, or an event without a row. */
export function PartRow({ event, ...context }: RowContext & { event: Shown }) {
  const id = `e${event.id}`;
  if (!isPart(event)) return <li id={id} aria-hidden="true"></li>;
  const isPage = kindOf(event.type) === "extract";
  return (
    <li id={id} class={isPage ? "u" : "q"}>
      {isPage
        ? <PageLink address={shownText(event)} isExample={context.isExample} />
        : <span>“{shownText(event)}”</span>}
      <At event={event} {...context} />
      {context.rawOf?.(event)}
    </li>
  );
}

/** What a group holds. */
export interface GroupCounts {
  readonly queries: number;
  readonly pages: number;
  /** The initials of its sites, each once. */
  readonly initials: readonly string[];
}

/** A folded group shows this many initials. */
const INITIALS = 5;

/** The figures of a group, at the end of its row. */
export function Counts({ queries, pages, initials }: GroupCounts) {
  return (
    <>
      <span class="initials">
        {initials.slice(0, INITIALS).map((each) => <SiteInitial key={each} host={each} />)}
      </span>
      <small>
        {[
          queries > 0 && (queries === 1 ? "1 query" : `${queries} queries`),
          pages > 0 && (pages === 1 ? "1 page" : `${pages} pages`),
        ].filter(Boolean).join(" · ")}
      </small>{" "}
      <Icon name="chevron-right" small />
    </>
  );
}

function countsOf(parts: readonly Shown[]): GroupCounts {
  const pages = parts.filter(({ type }) => kindOf(type) === "extract");
  return {
    queries: parts.filter(isPart).length - pages.length,
    pages: pages.length,
    initials: [...new Set(pages.map((event) => hostOf(shownText(event)).charAt(0)))],
  };
}

/** A finding in the list beside the feed. */
export function FindingRow(
  { id, at, text, startMs }: { id: number; at: number; text: string; startMs: number },
) {
  return (
    <li>
      <a href={`?raw=${id}#e${id}`}>{text}</a>
      <Time at={at} startMs={startMs} />
    </li>
  );
}

/** The time of an event, as a link to it with its raw JSON. */
function At({ event: { id, at }, startMs, isExample }: RowContext & { event: Shown }) {
  const time = <Time at={at} startMs={startMs} />;
  return isExample
    ? time
    : <a class="at" href={`?raw=${id}#e${id}`} title={`Event ${id}`}>{time}</a>;
}

/** Both clocks: the run's own, and the world's in an attribute. The stylesheet shows the one that was picked. */
function Time({ at, startMs }: { at: number; startMs: number }) {
  if (at === 0) return <time>{UNKNOWN}</time>;
  const iso = new Date(at).toISOString();
  return <time datetime={iso} data-utc={iso.slice(11, 19)}>{clock(at - startMs)}</time>;
}

/** The places of events that have no row. */
export function Anchors({ events }: { events: readonly Shown[] }) {
  return <>{events.map(({ id }) => <i key={id} id={`e${id}`}></i>)}</>;
}

/** What is new in the name of a type that we do not know. */
function lastPart(type: string): string {
  return type.slice(type.lastIndexOf(".") + 1) || "other";
}
