/** Runs as export files contain them. */
import type { ImportedRun } from "../../lib/runs/life/import.ts";

/** A valid run. */
export const VALID_RUN = {
  run_id: "trun_a",
  interaction_id: "trun_a",
  processor: "lite",
  status: "completed",
  created_ms: 1,
  ended_ms: 2,
  input: { input: "?", processor: "lite" },
  output: null,
  events: [],
};

/**
 * An account's own version of a run: its texts repeat `by`. The input and the result are stored in parts, the trace
 * in several batches, and one event in parts.
 */
export function versionOf(runId: string, by: string, events: number): ImportedRun {
  return {
    run: {
      run_id: runId,
      interaction_id: runId,
      input: { input: `${by} `.repeat(20_000), processor: "lite" },
      processor: "lite",
      price_usd: null,
      source: "import",
      rerun_of: null,
      follows: null,
      group_id: null,
      created_ms: 1,
      simulated: false,
    },
    title: null,
    ended_ms: 2,
    events: Array.from({ length: events }, (_, index) => ({
      id: index + 1,
      received_ms: 1,
      type: "task_run.progress_msg.plan",
      data: JSON.stringify({ message: by.repeat(index === 3 ? 90_000 : 3000 + 7 * by.length) }),
    })),
    output_text: JSON.stringify({ type: "text", content: `${by} `.repeat(40_000), basis: [] }),
  };
}
