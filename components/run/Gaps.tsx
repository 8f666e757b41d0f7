/** Says where a trace was not recorded as it happened. */
import type { RecordingGap, RunPage } from "../../lib/runs/model/mod.ts";
import { duration, exact } from "../../lib/base/mod.ts";

/** One line a gap: from when to when, and what that means for what follows. */
export function Gaps({ gaps = [] }: { gaps?: readonly RecordingGap[] }) {
  if (gaps.length === 0) return null;
  return (
    <ul class="mt-4 text-sm text-muted" aria-label="Gaps in the recording">
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

/** Says why a run of a group has no progress events. */
export function GroupNote({ run, view }: Pick<RunPage, "run" | "view">) {
  const { state: _state, error: _error, ...progress } = view.counts;
  if (run.group_id === null || Object.values(progress).some((count) => count > 0)) return null;
  return (
    <p class="mt-4 text-sm text-muted">
      This run is part of a group. Its states and its result were recorded from the group, which has
      no progress events.
    </p>
  );
}

function Moment({ ms }: { ms: number }) {
  return <time datetime={new Date(ms).toISOString()}>{exact(ms)}</time>;
}
