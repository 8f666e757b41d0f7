/** The whole log of a run as one list. */
import type { LogEvent } from "../../lib/runs/model/mod.ts";
import { count } from "../../lib/base/mod.ts";
import { newestEvents } from "./newest.ts";
import { EventRow, timesOf } from "./EventRow.tsx";

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
