/** Sample rows of a feed for a user without runs, marked as made up. */
import type { LogEvent } from "../../lib/runs/model/mod.ts";
import { EventRow } from "../../components/run/Trace.tsx";

const MESSAGE = "task_run.progress_msg.";

const ROWS: readonly [seconds: number, type: string, payload: Record<string, unknown>][] = [
  [0, "task_run.state", { run: { status: "running" } }],
  [2, `${MESSAGE}plan`, { message: "Split the question by region, then count and cross-check." }],
  [9, `${MESSAGE}search`, { message: "Objective: find registers of data centres by city" }],
  [9, `${MESSAGE}search`, { message: "Query: data centres by city" }],
  [22, `${MESSAGE}extract`, { message: "Extract: https://registry.example/cities" }],
  [31, `${MESSAGE}result`, { message: "Three registers agree on the first two places." }],
  [
    60,
    "task_run.progress_stats",
    {
      source_stats: { num_sources_considered: 223, num_sources_read: 22 },
      progress_meter: 41,
    },
  ],
];

export function SampleRun() {
  return (
    <section aria-labelledby="sample-title" class="simulated">
      <h2 id="sample-title">What you will see</h2>
      <p class="text-sm text-soft">Rows of a feed, made up as an example.</p>
      <ol class="mt-2">
        {ROWS.map((row, at) => <EventRow key={at} event={eventOf(row, at + 1)} startMs={0} />)}
      </ol>
    </section>
  );
}

function eventOf([seconds, type, payload]: typeof ROWS[number], id: number): LogEvent {
  return { id, type, received_ms: seconds * 1000, data: JSON.stringify(payload) };
}
