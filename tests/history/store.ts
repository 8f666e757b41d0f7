/** A history in memory, and the changes of a run as the log makes them. */
import { Committer } from "../../lib/store/committer.ts";
import { changeHistory, joinHistory, leaveHistory } from "../../lib/runs/history/mod.ts";
import type { Count, HistoryWrite } from "../../lib/runs/history/mod.ts";
import type { RunSummary } from "../../lib/runs/model/model.ts";

/** A run's line, complete but for what a test is about. */
export function line(run: Partial<RunSummary> = {}): RunSummary {
  const created_ms = run.created_ms ?? 1;
  return {
    run_id: `trun_${created_ms}`,
    title: "T",
    status: "completed",
    processor: "lite",
    price_usd: 0.005,
    output_type: "auto",
    progress: null,
    sources_considered: null,
    sources_read: null,
    created_ms,
    ended_ms: null,
    simulated: false,
    ...run,
  };
}

/** Writes to a history, one commit each. */
export class TestHistory {
  readonly kv: Deno.Kv;
  readonly committer: Committer;

  constructor(kv: Deno.Kv) {
    this.kv = kv;
    this.committer = new Committer(kv);
  }

  async join(account: string, run: RunSummary, kept: readonly Count[] = []): Promise<void> {
    await this.#commit(joinHistory(account, run, { nowMs: 0, kept }));
  }

  async change(account: string, before: RunSummary, after: RunSummary): Promise<void> {
    await this.#commit(changeHistory(account, before, after, { nowMs: 0 }));
  }

  async leave(account: string, run: RunSummary): Promise<void> {
    await this.#commit(leaveHistory(account, run, { nowMs: 0 }));
  }

  async #commit(write: HistoryWrite): Promise<void> {
    const result = await this.committer.commit(write);
    if (!result.ok) throw new Error("A check failed");
  }
}

/** Runs a test with an empty history. */
export async function withHistory(test: (history: TestHistory) => Promise<void>): Promise<void> {
  const kv = await Deno.openKv(":memory:");
  try {
    await test(new TestHistory(kv));
  } finally {
    kv.close();
  }
}
