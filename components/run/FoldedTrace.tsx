/** The trace of a run that is over: picked by kind, searched, with either clock; all without script. */
import type { EventKind, LogEvent } from "../../lib/runs/model/mod.ts";
import { count } from "../../lib/base/mod.ts";
import { Trace } from "./Trace.tsx";
import { TracePicks } from "./TracePicks.tsx";
import { matching } from "./matching.ts";
import { NothingFound, TraceTools } from "./TraceTools.tsx";

export interface FoldedTraceProps {
  readonly events: readonly LogEvent[];
  readonly counts: Readonly<Record<EventKind, number>>;
  readonly startMs: number;
  readonly exportHref: string | null;
  /** What it may take of the page (bytes). */
  readonly room: number;
  /** What it is searched for; empty: everything. */
  readonly find: string;
  readonly open: boolean;
}

export function FoldedTrace(
  { events, counts, startMs, exportHref, room, find, open }: FoldedTraceProps,
) {
  const found = matching(events, find);
  return (
    <details class="fold ruled mt-8 trace-part" open={open || find !== ""}>
      <summary>
        <h2 class="inline">Trace</h2> {count(events.length)}{" "}
        {events.length === 1 ? "event" : "events"}
      </summary>
      <div class="trace-tools">
        <TracePicks counts={counts} />
        <TraceTools find={find} found={found.length} of={events.length} />
      </div>
      <Trace events={found} startMs={startMs} exportHref={exportHref} room={room} />
      <NothingFound find={find} found={found.length} />
    </details>
  );
}
