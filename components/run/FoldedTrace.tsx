/** The trace of a run that is over: picked by kind, searched, with either clock; all without script. */
import type { EventKind, LogEvent } from "../../lib/runs/event.ts";
import { count } from "../format.ts";
import { Trace, TracePicks } from "../Trace.tsx";

export interface FoldedTraceProps {
  readonly events: readonly LogEvent[];
  readonly counts: Readonly<Record<EventKind, number>>;
  readonly startMs: number;
  /** What it is searched for; empty: everything. */
  readonly find: string;
  readonly open: boolean;
}

export function FoldedTrace({ events, counts, startMs, find, open }: FoldedTraceProps) {
  const found = matching(events, find);
  return (
    <details class="fold ruled mt-8 trace-part" open={open || find !== ""}>
      <summary>
        <h2 class="inline">Trace</h2> {count(events.length)}{" "}
        {events.length === 1 ? "event" : "events"}
      </summary>
      <div class="trace-tools">
        <TracePicks counts={counts} />
        <form class="find" method="get" action="#trace" role="search">
          <label for="find">Find</label>
          <input type="search" id="find" name="find" value={find} autocomplete="off" />
          <button type="submit" class="plain touch text-sm">find</button>
          <output for="find" class="text-sm text-muted" id="found">
            {find !== "" && `${count(found.length)} of ${count(events.length)}`}
          </output>
        </form>
        <label class="pick">
          <input type="checkbox" name="clock" value="utc" />
          UTC times
        </label>
      </div>
      <Trace events={found} startMs={startMs} />
      {found.length === 0 && find !== "" && (
        <p class="text-muted">
          No event says “{find}”. <a href="?#trace">Show all</a>
        </p>
      )}
    </details>
  );
}

/** The events that say something, in whatever case. */
export function matching(events: readonly LogEvent[], find: string): readonly LogEvent[] {
  const wanted = find.trim().toLowerCase();
  if (wanted === "") return events;
  return events.filter(({ type, data }) =>
    type.toLowerCase().includes(wanted) || plainText(data).toLowerCase().includes(wanted)
  );
}

/** JSON as a person reads it: a search must find `“ü”` however it is escaped. */
function plainText(data: string): string {
  try {
    return JSON.stringify(JSON.parse(data)).replaceAll('\\"', '"').replaceAll("\\n", " ");
  } catch {
    return data;
  }
}
