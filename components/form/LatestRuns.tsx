/**
 * The newest runs beside the form: title, status, age. A script refreshes them while one is in progress.
 * The page says above the form whether they are simulated.
 */
import { isActiveStatus, type RunSummary } from "../../lib/runs/model/mod.ts";
import { Ago } from "../ui/Ago.tsx";
import { percent } from "../../lib/base/mod.ts";
import { Icon } from "../ui/Icon.tsx";
import { Status } from "../ui/Status.tsx";

export function LatestRuns({ runs, now }: { runs: readonly RunSummary[]; now: number }) {
  if (runs.length === 0) return null;
  const isActive = runs.some(({ status }) => isActiveStatus(status));
  return (
    <section aria-labelledby="latest" data-active={isActive ? "" : undefined}>
      <h2 id="latest" class="text-sm">Latest</h2>
      <p data-lost="" class="text-sm text-soft" hidden>
        No connection to the server: these may be out of date.
      </p>
      <ul class="starts">
        {runs.map(({ run_id, title, status, progress, processor, created_ms }) => (
          <li key={run_id}>
            <a href={`/tasks/${encodeURIComponent(run_id)}`}>
              <b class="clamp-2" dir="auto">{title}</b>
              <span>
                <Status status={status} />{" "}
                {isActiveStatus(status) && progress !== null && `${percent(progress)} `}·{" "}
                {processor} · <Ago ms={created_ms} now={now} />
              </span>
            </a>
          </li>
        ))}
      </ul>
      <p class="side-tool">
        <a href="/tasks">
          <Icon name="list" /> All tasks
        </a>
      </p>
    </section>
  );
}
