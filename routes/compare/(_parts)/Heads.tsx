/** The progress of each compared run: status, time, cost, confidence, sources. */
import { Cost } from "../../../components/RunLines.tsx";
import { ConfidenceBar, type ConfidenceSegment } from "../../../components/ui/Confidence.tsx";
import { Status } from "../../../components/ui/Status.tsx";
import { count, duration, elapsed, percent, UNKNOWN } from "../../../lib/base/mod.ts";
import { isActiveStatus, type RunSummary } from "../../../lib/runs/model/mod.ts";

export interface HeadsProps {
  readonly runs: readonly RunSummary[];
  readonly labels: readonly string[];
  /** The fields of each run's result; empty without a result. */
  readonly fields: readonly (readonly ConfidenceSegment[])[];
  readonly now: number;
}

export function Heads({ runs, labels, fields, now }: HeadsProps) {
  return (
    <ol class="compare-heads">
      {runs.map((run, index) => (
        <li key={run.run_id}>
          <p>
            <Status status={run.status} bare={run.status === "completed"} />{" "}
            <a href={`/tasks/${encodeURIComponent(run.run_id)}`} title={run.title}>
              <b>{labels[index]}</b>
            </a>{" "}
            <span class="text-soft">
              {isActiveStatus(run.status) && run.progress !== null &&
                `${percent(run.progress)} · `}
              {timeOf(run, now)} · <Cost run={run} />
            </span>
          </p>
          <p class="text-xs text-soft">
            <ConfidenceBar fields={fields[index] ?? []} small />
            {run.sources_read !== null && (
              <span>
                {count(run.sources_read)} of {count(run.sources_considered)} read
              </span>
            )}
          </p>
        </li>
      ))}
    </ol>
  );
}

function timeOf({ status, created_ms, ended_ms }: RunSummary, now: number): string {
  if (ended_ms !== null) return duration(ended_ms - created_ms);
  return isActiveStatus(status) ? elapsed(now - created_ms) : UNKNOWN;
}
