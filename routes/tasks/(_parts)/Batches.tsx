/** The account's batches alone, newest first, as lines of the list. */
import { RunLines } from "../../../components/RunLines.tsx";
import { Icon } from "../../../components/ui/Icon.tsx";
import type { BatchLine } from "../../../lib/batches/mod.ts";

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
      <div class="title-row mb-2">
        <h1>Batches</h1>
        {sandbox && <p class="tape">All simulated</p>}
        <a href="/batches/new" class="button go">
          <Icon name="plus" />
          New batch
        </a>
      </div>
      {batches.length === 0
        ? (
          <p class="my-6">
            No batches yet. <a href="/batches/new">Upload a table</a> to run one task for each row.
          </p>
        )
        : <RunLines runs={[]} batches={batches} now={now} ticked={null} allSimulated={sandbox} />}
      {next !== null && (
        <nav aria-label="Pages" class="mt-4 text-right">
          <a rel="next" href={`/tasks?kind=batch&cursor=${encodeURIComponent(next)}`}>Older →</a>
        </nav>
      )}
      <p class="mt-6 text-sm">
        <a href="/tasks">All tasks</a>
      </p>
    </>
  );
}
