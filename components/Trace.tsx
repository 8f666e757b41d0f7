/** The whole log of a run as one list, with plain controls that pick kinds without any script. */
import type { EventKind, LogEvent } from "../lib/runs/event.ts";
import { count } from "./format.ts";
import { newestEvents } from "./run/newest.ts";
import { EventRow, timesOf } from "./EventRow.tsx";

export interface TraceProps {
  readonly events: readonly LogEvent[];
  readonly startMs: number;
  /** Where all of it can be had; `null` for those who only have a link to the run. */
  readonly exportHref: string | null;
}

export function Trace({ events, startMs, exportHref }: TraceProps) {
  const shown = newestEvents(events);
  const times = timesOf(shown);
  const earlier = events.length - shown.length;
  return (
    <>
      {earlier > 0 && (
        <p class="notice calm mb-4">
          {count(earlier)} earlier {earlier === 1 ? "event is" : "events are"}{" "}
          not shown: they do not fit this page. {exportHref !== null && (
            <>
              <a href={exportHref} download>Download the whole trace</a>.
            </>
          )}
        </p>
      )}
      <ol id="trace" data-at={times.at(-1)}>
        {shown.map((event, i) => (
          <EventRow key={event.id} event={event} notBeforeMs={times[i - 1]} startMs={startMs} />
        ))}
      </ol>
    </>
  );
}

/** Not `IS_BROWSER`: that would bring Preact's hooks along, 1 KB of a live page's 15. */
const ON_SERVER = typeof document === "undefined";

/** The kinds worth picking out, in the order of a run. */
const PICKS: readonly (readonly [label: string, kinds?: readonly EventKind[]])[] = [
  ["all"],
  ["plan", ["plan"]],
  ["search", ["search"]],
  ["read", ["extract"]],
  ["result", ["result", "reasoning", "analysis"]],
  ["tools", ["tool"]],
  ["errors", ["error"]],
];

/** Picks kinds of the trace: radio buttons that the stylesheet obeys, counts beside them. */
export function TracePicks({ counts }: { counts: Readonly<Record<EventKind, number>> }) {
  return (
    <fieldset class="picks">
      <legend class="sr-only">Show</legend>
      {PICKS.map(([label, kinds]) => (
        <label key={label} class="pick">
          {/* Only the server sets it: later renders must not undo what the reader picked. */}
          <input
            type="radio"
            name="pick"
            value={label}
            checked={ON_SERVER && !kinds || undefined}
          />
          {label}{" "}
          <b>
            {(kinds?.map((kind) => counts[kind]) ?? Object.values(counts))
              .reduce((sum, each) => sum + each, 0)}
          </b>
        </label>
      ))}
    </fieldset>
  );
}
