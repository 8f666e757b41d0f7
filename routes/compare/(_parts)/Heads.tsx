/** The progress of each compared run: status, time, cost, sources. */
import { isActiveStatus, type RunSummary } from "../../../lib/runs/model/mod.ts";
import { Ago } from "../../../components/ui/Ago.tsx";
import { count, duration, elapsed, percent, UNKNOWN } from "../../../lib/base/mod.ts";
import { Cost } from "../../../components/RunLines.tsx";
import { Status } from "../../../components/ui/Status.tsx";

export function Heads({ runs, now }: { runs: readonly RunSummary[]; now: number }) {
  return (
    <ol class="side">
      {runs.map((run, index) => (
        <li key={run.run_id}>
          <p class="font-semibold">
            {"ABCD"[index]} · {run.processor}
          </p>
          <p>
            <a href={`/tasks/${encodeURIComponent(run.run_id)}`} dir="auto">
              {run.title || "(empty input)"}
            </a>
          </p>
          <p>
            <Status status={run.status} />
            {isActiveStatus(run.status) && run.progress !== null && ` ${percent(run.progress)}`}
          </p>
          <dl class="text-sm pairs">
            <div>
              <dt>Time</dt>
              <dd>{timeOf(run, now)}</dd>
            </div>
            <div>
              <dt>Cost</dt>
              <dd>
                <Cost run={run} />
              </dd>
            </div>
            <div>
              <dt>Sources</dt>
              <dd>
                {run.sources_read === null
                  ? UNKNOWN
                  : `${count(run.sources_considered)} considered, ${count(run.sources_read)} read`}
              </dd>
            </div>
            <div>
              <dt>Created</dt>
              <dd>
                <Ago ms={run.created_ms} now={now} />
              </dd>
            </div>
          </dl>
        </li>
      ))}
    </ol>
  );
}

function timeOf({ status, created_ms, ended_ms }: RunSummary, now: number): string {
  if (ended_ms !== null) return duration(ended_ms - created_ms);
  return isActiveStatus(status) ? elapsed(now - created_ms) : UNKNOWN;
}
