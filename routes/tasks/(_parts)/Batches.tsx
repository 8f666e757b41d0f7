/** The account's batches alone, newest first, as lines of the list. */
import { RunLines } from "../../../components/RunLines.tsx";
import { Icon } from "../../../components/ui/Icon.tsx";
import type { BatchSummary } from "../../../lib/batches/mod.ts";

export interface BatchesProps {
  readonly batches: readonly BatchSummary[];
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
        <a
          href="/batches/new"
          class={batches.length === 0 ? "button hidden sm:inline-flex" : "button go"}
        >
          <span class="hidden sm:inline">
            <Icon name="plus" />
          </span>
          New batch
        </a>
      </div>
      {batches.length === 0
        ? (
          <div class="max-w-[60ch] my-6">
            <p>No batches yet.</p>
            <p class="text-sm text-soft mb-4">
              A batch runs one task for each row of a table. The answers become new columns.
            </p>
            <a href="/batches/new" class="button go">
              <Icon name="upload" />
              Upload a table
            </a>
          </div>
        )
        : <RunLines runs={[]} batches={batches} now={now} ticked={null} allSimulated={sandbox} />}
      {next !== null && (
        <nav aria-label="Pages" class="flex mt-4">
          <a
            rel="next"
            class="ml-auto"
            href={`/tasks?kind=batch&cursor=${encodeURIComponent(next)}`}
          >
            Older →
          </a>
        </nav>
      )}
      <p class="mt-6 text-sm">
        <a href="/tasks">All tasks</a>
      </p>
    </>
  );
}
