/** The newest runs beside the form: status, title, age. A script refreshes them while one is in progress. */
import { isActiveStatus, type RunSummary } from "../../lib/runs/model/mod.ts";
import { Ago } from "../ui/Ago.tsx";
import { percent } from "../../lib/base/mod.ts";
import { SimulatedStamp } from "../ui/Simulated.tsx";
import { Status } from "../ui/Status.tsx";

export function LatestRuns({ runs, now }: { runs: readonly RunSummary[]; now: number }) {
  if (runs.length === 0) return null;
  const isActive = runs.some(({ status }) => isActiveStatus(status));
  return (
    <section aria-labelledby="latest" data-active={isActive ? "" : undefined}>
      <h2 id="latest">Latest</h2>
      <p data-lost="" class="text-sm text-soft" hidden>
        No connection to the server: these may be out of date.
      </p>
      <ul class="lines">
        {runs.map((run) => {
          return (
            <li key={run.run_id}>
              <a href={`/tasks/${encodeURIComponent(run.run_id)}`}>{run.title}</a>
              <p class="text-sm flex flex-wrap gap-x-3">
                <Status status={run.status} />
                {isActiveStatus(run.status) && run.progress !== null && percent(run.progress)}
                <span class="text-soft">
                  {run.processor} · <Ago ms={run.created_ms} now={now} />
                </span>
                {run.simulated && <SimulatedStamp />}
              </p>
            </li>
          );
        })}
      </ul>
      <p class="mt-2">
        <a href="/tasks">All tasks</a>
      </p>
    </section>
  );
}
