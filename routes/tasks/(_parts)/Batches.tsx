/** The account's batches, newest first: what each is about, how far it is, and what it cost. */
import { SimulatedLine, SimulatedStamp } from "../../../components/ui/Simulated.tsx";
import { Ago } from "../../../components/ui/Ago.tsx";
import { count, dollars, UNKNOWN } from "../../../lib/base/mod.ts";
import type { BatchLine } from "../../../lib/batches/mod.ts";
import { isOver } from "../../../lib/batches/model/mod.ts";

export interface BatchesProps {
  readonly batches: readonly BatchLine[];
  /** Where the next page begins; `null` on the last one. */
  readonly next: string | null;
  readonly sandbox: boolean;
  readonly now: number;
}

export function Batches({ batches, next, sandbox, now }: BatchesProps) {
  return (
    <>
      {sandbox && <SimulatedLine />}
      <div class="flex items-center justify-between gap-4 mt-6 mb-4">
        <h1>Batches</h1>
        <a href="/batches/new" class="button">New batch</a>
      </div>
      {batches.length === 0
        ? (
          <p>
            No batches yet. <a href="/batches/new">Upload a table</a> to run one task for each row.
          </p>
        )
        : (
          <table class="runs">
            <thead>
              <tr>
                <th scope="col">Status</th>
                <th scope="col">Batch</th>
                <th scope="col" class="number">Rows</th>
                <th scope="col" class="hidden sm:table-cell number">Spent</th>
                <th scope="col" class="hidden sm:table-cell number">Created</th>
              </tr>
            </thead>
            <tbody>{batches.map((batch) => <Line key={batch.id} batch={batch} now={now} />)}</tbody>
          </table>
        )}
      {next !== null && (
        <nav aria-label="Pages" class="mt-4 text-right">
          <a rel="next" href={`/tasks?kind=batch&cursor=${encodeURIComponent(next)}`}>Older →</a>
        </nav>
      )}
      <p class="mt-8 text-sm">
        <a href="/tasks">All tasks</a>
      </p>
    </>
  );
}

function Line({ batch, now }: { readonly batch: BatchLine; readonly now: number }) {
  const statuses = Object.entries(batch.counts);
  const ended = statuses.reduce((sum, [status, rows]) => isOver(status) ? sum + rows : sum, 0);
  const failed = batch.counts.failed ?? 0;
  return (
    <tr>
      <td class="whitespace-nowrap">{batch.state}</td>
      <td class="w-full">
        <a href={`/batches/${encodeURIComponent(batch.id)}`} class="row-link" dir="auto">
          {batch.name}
        </a>
        <p class="text-sm text-soft" dir="auto">
          {batch.processor}
          {batch.outputs.length > 0 && ` · ${batch.outputs.join(", ")}`}
          {batch.reason !== null && ` · ${batch.reason}`}
          {batch.simulated && (
            <>
              {" "}
              <SimulatedStamp />
            </>
          )}
        </p>
      </td>
      <td class="number whitespace-nowrap">
        {count(ended)} of {count(batch.rows)}
        {failed > 0 && <span class="block text-sm text-soft">{count(failed)} failed</span>}
      </td>
      <td class="hidden sm:table-cell number">
        {batch.simulated ? UNKNOWN : dollars(batch.spent_usd)}
      </td>
      <td class="hidden sm:table-cell number">
        <Ago ms={batch.created_ms} now={now} />
      </td>
    </tr>
  );
}
