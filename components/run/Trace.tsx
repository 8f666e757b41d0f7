/** The whole log of a run as one list. */
import * as rows from "../feed/row.tsx";
import { type LogEvent, payloadOf } from "../../lib/runs/model/mod.ts";
import { count } from "../../lib/base/mod.ts";
import { newestEvents } from "./matching.ts";

export interface TraceProps {
  readonly events: readonly LogEvent[];
  readonly startMs: number;
  /** The URL of the whole trace; `null` for visitors with a share link. */
  readonly exportHref: string | null;
  /** Its share of the page (bytes). */
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

// The server-rendered rows of a trace.
/** A row of the feed: time, kind, text. */
export function EventRow(props: Omit<rows.RowProps, "payload">) {
  return <rows.Row {...props} payload={payloadOf(props.event)} />;
}

/** The running maximum of the events' times: no event appears earlier than the one before (Unix ms). */
export function timesOf(events: readonly LogEvent[], fromMs = 0): number[] {
  return rows.timesOf(events, fromMs, payloadOf);
}
