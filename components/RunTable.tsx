/** Runs as a table, one line each. Narrow screens keep status, title and a line of the rest. */
import type { RunSummary } from "../lib/runs/model.ts";
import { isActiveStatus } from "../lib/runs/view.ts";
import { Ago } from "./Ago.tsx";
import { count, dollars, duration, percent, UNKNOWN } from "./format.ts";
import { SimulatedStamp } from "./Simulated.tsx";
import { Status } from "./Status.tsx";

export function RunTable({ runs, now }: { runs: readonly RunSummary[]; now: number }) {
  return (
    <table class="runs">
      <thead>
        <tr>
          <th scope="col">Status</th>
          <th scope="col">Task</th>
          <th scope="col" class="hidden sm:table-cell">Processor</th>
          <th scope="col" class="hidden lg:table-cell">Output</th>
          <th scope="col" class="hidden lg:table-cell number">Sources</th>
          <th scope="col" class="hidden sm:table-cell number">Took</th>
          <th scope="col" class="hidden lg:table-cell number">Cost</th>
          <th scope="col" class="hidden sm:table-cell number">Created</th>
        </tr>
      </thead>
      <tbody>{runs.map((run) => <Row key={run.run_id} run={run} now={now} />)}</tbody>
    </table>
  );
}

function Row({ run, now }: { run: RunSummary; now: number }) {
  const took = run.ended_ms === null ? null : run.ended_ms - run.created_ms;
  return (
    <tr>
      <td class="whitespace-nowrap">
        <Status status={run.status} />
        {isActiveStatus(run.status) && run.progress !== null && (
          <span class="ml-2 text-muted number">{percent(run.progress)}</span>
        )}
      </td>
      <td class="w-full">
        <a href={`/tasks/${encodeURIComponent(run.run_id)}`} class="row-link">{run.title}</a>
        {run.simulated && (
          <>
            {" "}
            <SimulatedStamp />
          </>
        )}
        <p class="sm:hidden text-sm text-muted">
          {run.processor} · <Cost run={run} /> · <Ago ms={run.created_ms} now={now} />
        </p>
      </td>
      <td class="hidden sm:table-cell whitespace-nowrap">{run.processor}</td>
      <td class="hidden lg:table-cell">{run.output_type}</td>
      <td class="hidden lg:table-cell number">
        {run.sources_read === null ? UNKNOWN : (
          <>
            {count(run.sources_read)} <span class="text-muted">read</span>
          </>
        )}
      </td>
      <td class="hidden sm:table-cell number">{duration(took)}</td>
      <td class="hidden lg:table-cell number">
        <Cost run={run} />
      </td>
      <td class="hidden sm:table-cell number">
        <Ago ms={run.created_ms} now={now} />
      </td>
    </tr>
  );
}

/** What it cost, not what it would have: neither the sandbox nor a failed run is billed. */
function Cost({ run }: { run: RunSummary }) {
  if (run.status === "failed") return <span title="A failed run is not billed">{UNKNOWN}</span>;
  if (!run.simulated) return <>{dollars(run.price_usd)}</>;
  return <span title={`Simulated: ${dollars(run.price_usd)} on the real API`}>{UNKNOWN}</span>;
}
