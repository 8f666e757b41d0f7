/** An ended run's trace, with filters by kind, search, and a choice of clocks; all work without script. */
import type { EventKind, LogEvent, RecordingGap, RunPage } from "../../lib/runs/model/mod.ts";
import { count, duration, exact } from "../../lib/base/mod.ts";
import { Icon } from "../ui/Icon.tsx";
import { Trace } from "./Trace.tsx";
import { TracePicks } from "./TracePicks.tsx";
import { matching } from "./matching.ts";
import { NothingFound, TraceTools } from "./TraceTools.tsx";

export interface FoldedTraceProps {
  readonly events: readonly LogEvent[];
  readonly counts: Readonly<Record<EventKind, number>>;
  readonly startMs: number;
  readonly exportHref: string | null;
  /** Its share of the page (bytes). */
  readonly room: number;
  /** The search text; empty for everything. */
  readonly find: string;
  readonly open: boolean;
}

export function FoldedTrace(
  { events, counts, startMs, exportHref, room, find, open }: FoldedTraceProps,
) {
  const found = matching(events, find);
  return (
    <details class="fold section-fold trace-part" open={open || find !== ""}>
      <summary>
        <Icon name="chevron-right" /> <h2>Trace</h2>
        <small class="text-soft">{eventWords(events.length, counts)}</small>
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

/** `54 events: 4 plans, 12 searches, 22 pages read, 9 findings` */
function eventWords(events: number, counts: FoldedTraceProps["counts"]): string {
  const kinds = ([
    [counts.plan, "plan", "plans"],
    [counts.search, "search", "searches"],
    [counts.extract, "page read", "pages read"],
    [counts.result, "finding", "findings"],
  ] as const).flatMap(([n, one, several]) =>
    n > 0 ? [`${count(n)} ${n === 1 ? one : several}`] : []
  );
  const all = `${count(events)} ${events === 1 ? "event" : "events"}`;
  return kinds.length === 0 ? all : `${all}: ${kinds.join(", ")}`;
}

// Shows where a trace was not recorded live.
/** One line per gap: its period, and what it means for the events after it. */
export function Gaps({ gaps = [] }: { gaps?: readonly RecordingGap[] }) {
  if (gaps.length === 0) return null;
  return (
    <ul class="mt-4 text-sm text-soft" aria-label="Gaps in the recording">
      {gaps.map(({ after, from_ms, to_ms }) => (
        <li key={after}>
          Not recorded for {duration(to_ms - from_ms)}
          {after > 0 && ` after event ${after}`}, from <Moment ms={from_ms} /> to{" "}
          <Moment ms={to_ms} />. Parallel did not replay this period, so events may be missing.
        </li>
      ))}
    </ul>
  );
}

/** Explains why a run of a group has no progress events. */
export function GroupNote({ run, view }: Pick<RunPage, "run" | "view">) {
  const { state: _state, error: _error, ...progress } = view.counts;
  if (run.group_id === null || Object.values(progress).some((count) => count > 0)) return null;
  return (
    <p class="mt-4 text-sm text-soft">
      This run is part of a group. Its states and its result were recorded from the group, which has
      no progress events.
    </p>
  );
}

function Moment({ ms }: { ms: number }) {
  return <time datetime={new Date(ms).toISOString()}>{exact(ms)}</time>;
}
