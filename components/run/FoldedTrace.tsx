/** An ended run's trace, with filters by kind, search, and a choice of clocks; all work without script. */
import type { RecordingGap, RunPage, RunView, TracedPage } from "../../lib/runs/model/mod.ts";
import { count, duration, exact } from "../../lib/base/mod.ts";
import { Icon } from "../ui/Icon.tsx";
import { Trace } from "./Trace.tsx";
import { TraceTools } from "./TraceTools.tsx";

export interface FoldedTraceProps {
  readonly page: TracedPage;
  /** The URL of the whole trace as a file; `null` for visitors with a share link. */
  readonly exportHref: string | null;
  /** Whether it is open without being asked for. */
  readonly open: boolean;
}

export function FoldedTrace({ page, exportHref, open }: FoldedTraceProps) {
  const { query, total } = page.part;
  const isAsked = query.find !== "" || query.kind !== "" || query.from !== null ||
    query.to !== null || query.raw !== null;
  return (
    <details class="fold section-fold trace-part" open={open || isAsked}>
      <summary>
        <Icon name="chevron-right" /> <h2>Trace</h2>
        <small class="text-soft">{eventWords(total, page.view)}</small>
      </summary>
      <TraceTools view={page.view} query={query} exportHref={exportHref} />
      <Trace page={page} />
    </details>
  );
}

/** `54 events: 4 plans, 12 searches, 22 reads, 9 findings` */
function eventWords(events: number, { counts, queries }: RunView): string {
  const kinds = ([
    [counts.plan, "plan", "plans"],
    [counts.search - queries || counts.search, "search", "searches"],
    [counts.extract, "read", "reads"],
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
