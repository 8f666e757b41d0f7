/** Runs as a table, one a row. */
import { type Cell, csvText } from "../exports/csv.ts";
import { SIMULATED } from "../exports/mark.ts";
import { outputTypeOf } from "../runs/history.ts";
import type { RunPage } from "../runs/model.ts";

const HEAD = [
  "run_id",
  "title",
  "status",
  "processor",
  "output_type",
  "created_at",
  "ended_at",
  "seconds",
  "cost_usd",
  "sources_read",
  "simulated",
  "input",
  "result",
];

/** The table, a row as soon as its run is read. */
export async function* runsCsv(runs: AsyncIterable<RunPage>): AsyncGenerator<string> {
  yield csvText([HEAD]);
  for await (const run of runs) yield csvText([rowOf(run)]);
}

function rowOf({ run, title, view, output, ended_ms }: RunPage): Cell[] {
  const time = (ms: number | null) => ms === null ? null : new Date(ms).toISOString();
  const text = (value: unknown) => typeof value === "string" ? value : JSON.stringify(value);
  // As everywhere: neither a failed nor a simulated run is billed.
  const isBilled = view.status === "completed" && !run.simulated;
  return [
    run.run_id,
    title,
    view.status,
    run.processor,
    outputTypeOf(run.input),
    time(run.created_ms),
    time(ended_ms),
    ended_ms === null ? null : (ended_ms - run.created_ms) / 1000,
    isBilled ? run.price_usd : null,
    view.sourcesRead,
    run.simulated ? SIMULATED : "",
    text(run.input.input),
    output === null ? null : text(output.content),
  ];
}
