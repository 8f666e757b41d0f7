/** The whole log of a run as one list. */
import * as rows from "../feed/row.tsx";
import { type LogEvent, payloadOf } from "../../lib/runs/model/mod.ts";
import { count } from "../../lib/base/mod.ts";
import { newestEvents } from "./matching.ts";

export interface TraceProps {
  readonly events: readonly LogEvent[];
  readonly startMs: number;
  /** Where all of it can be had; `null` for those who only have a link to the run. */
  readonly exportHref: string | null;
  /** What it may take of the page (bytes). */
  readonly room?: number;
}

export function Trace({ events, startMs, exportHref, room }: TraceProps) {
  const shown = newestEvents(events, room);
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

// The rows of a trace as the server draws them.
/** A row of the feed: time, kind, what it says. */
export function EventRow(props: Omit<rows.RowProps, "payload">) {
  return <rows.Row {...props} payload={payloadOf(props.event)} />;
}

/** The times up to and including each event: none is earlier than the one before (Unix ms). */
export function timesOf(events: readonly LogEvent[], fromMs = 0): number[] {
  return rows.timesOf(events, fromMs, payloadOf);
}
