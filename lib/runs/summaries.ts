/**
 * Keeps the members' lines in their histories true to the log, in the log's own commits.
 */
import type { Head } from "./head.ts";
import { changeHistory, type HistoryWrite, readSummary } from "./history.ts";
import type { RunSummary } from "./model.ts";
import type { RunView } from "./view.ts";

/** Writes a run's figures into every member's history when they change. */
export class Summaries {
  readonly #kv: Deno.Kv;
  readonly #runId: string;
  /** What was last committed; most appends change nothing that a list shows. */
  #committed: { readonly head: Head; readonly view: RunView } | null = null;

  constructor(kv: Deno.Kv, runId: string) {
    this.#kv = kv;
    this.#runId = runId;
  }

  /** Whether the histories say what this head and view say: most appends write nothing there. */
  isCurrent(head: Head, view: RunView): boolean {
    const last = this.#committed;
    return last !== null && last.view.status === view.status &&
      last.view.progress === view.progress &&
      last.view.sourcesConsidered === view.sourcesConsidered &&
      last.view.sourcesRead === view.sourcesRead &&
      last.head.ended_ms === head.ended_ms &&
      last.head.members.join() === head.members.join();
  }

  /**
   * The writes that belong with this head and view. To be committed with a check of the head as it was
   * read before.
   */
  async writes(head: Head, view: RunView, nowMs: number): Promise<HistoryWrite[]> {
    const writes: HistoryWrite[] = [];
    for (const account of head.members) {
      const summary = await readSummary(this.#kv, account, head.created_ms, this.#runId);
      if (summary === null) continue;
      writes.push(changeHistory(account, summary, summaryWith(summary, head, view), { nowMs }));
    }
    return writes;
  }

  /** The writes for this head and view are durable. */
  committed(head: Head, view: RunView): void {
    this.#committed = { head, view };
  }
}

/** A summary with the figures of a log as far as it goes. */
export function summaryWith(summary: RunSummary, head: Head, view: RunView): RunSummary {
  return {
    ...summary,
    status: view.status,
    progress: view.progress,
    sources_considered: view.sourcesConsidered,
    sources_read: view.sourcesRead,
    ended_ms: head.ended_ms,
  };
}
