/** The history: every run of the account, newest first, a page at a time. */
import type { HistoryPage } from "../lib/runs/model.ts";
import { RunTable } from "./RunTable.tsx";
import { SimulatedTape } from "./Simulated.tsx";

export interface HistoryProps {
  readonly history: HistoryPage;
  readonly sandbox: boolean;
  /** The newest page, not one reached by a cursor. */
  readonly first: boolean;
  readonly now: number;
}

export function History({ history, sandbox, first, now }: HistoryProps) {
  const { runs, prev, next } = history;
  return (
    <>
      {sandbox && <SimulatedTape />}
      <div class="flex items-center justify-between gap-4 mt-6 mb-4">
        <h1>Tasks</h1>
        <a href="/" class="button quiet">New task</a>
      </div>
      {runs.length > 0 ? <RunTable runs={runs} now={now} /> : <Empty first={first} />}
      {(prev !== null || next !== null || !first) && (
        <nav aria-label="Pages" class="flex justify-between mt-4">
          <span>
            {prev !== null
              ? <a rel="prev" href={cursorHref(prev)}>← Newer</a>
              : !first && <a href="/tasks">← Newest</a>}
          </span>
          <span>{next !== null && <a rel="next" href={cursorHref(next)}>Older →</a>}</span>
        </nav>
      )}
    </>
  );
}

function cursorHref(cursor: string): string {
  return `/tasks?${new URLSearchParams({ cursor })}`;
}

function Empty({ first }: { first: boolean }) {
  if (!first) return <p>There is nothing on this page.</p>;
  return (
    <div class="max-w-[60ch]">
      <p>
        No tasks yet.{" "}
        <a href="/">Ask something</a>, or start from one of the examples there: the run appears here
        the moment it is created, and stays when it has ended.
      </p>
    </div>
  );
}
