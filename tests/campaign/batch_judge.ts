/** Checks a finished batch: each attempt of each row has exactly one run, and the page shows the newest. */
import type { BatchPage } from "../../lib/batches/mod.ts";
import { firstAttempt, type RowView, sendView, setOf } from "../../lib/batches/model/mod.ts";
import type { BatchUpstream, UpstreamRun } from "./batch_upstream.ts";

/** The rows that a batch may have. */
export interface RowBounds {
  readonly leastRows: number;
  readonly mostRows: number;
}

/** Throws unless each attempt has exactly one run of its own, and each row shows the newest. */
export function judge(
  { batch, rows, view }: BatchPage,
  upstream: BatchUpstream,
  { leastRows, mostRows }: RowBounds,
): void {
  for (const [id, others] of upstream.groups) {
    if (id !== batch.id && others.length > 0) throw new Error("An abandoned group has runs");
  }
  if (view.rows !== rows.length || view.rows < leastRows || view.rows > mostRows) {
    throw new Error(`${view.rows} rows, not ${leastRows} to ${mostRows}`);
  }
  const runs = Map.groupBy(upstream.groups.get(batch.id) ?? [], ({ input }) => {
    const { row, attempt } = input.metadata;
    return `${row} ${attempt}`;
  });
  for (const [set, { outputs }] of view.sets.entries()) {
    for (let row = 1; row <= view.rows; row++) {
      const shown = sendView(view, set, row);
      if (setOf(shown.attempt) !== set) throw new Error(`Row ${row} of set ${set} was never sent`);
      for (let attempt = firstAttempt(set); attempt <= shown.attempt; attempt++) {
        const name = `r${row} ${attempt}`;
        const own = runs.get(name) ?? [];
        if (own.length !== 1) throw new Error(`Attempt ${name} has ${own.length} runs`);
        judgeRun(own[0]!, shown, { attempt, company: rows[row - 1]!.cells[0]!, outputs });
        runs.delete(name);
      }
    }
  }
  if (runs.size > 0) throw new Error(`Nobody asked for ${[...runs.keys()].join(", ")}`);
}

/** Throws unless a run has its row's input and its columns' task, and is shown with its final status. */
function judgeRun(
  { run, input, spec, endsAs }: UpstreamRun,
  shown: RowView,
  { attempt, company, outputs }: {
    readonly attempt: number;
    readonly company: string;
    readonly outputs: readonly { readonly name: string }[];
  },
): void {
  const name = `Attempt ${attempt} of row ${shown.row}`;
  const asked = input.input.company;
  if (asked !== company) throw new Error(`${name} was asked about ${asked}`);
  const { output_schema } = spec as {
    output_schema: { json_schema: { properties: Record<string, unknown> } };
  };
  const fields = Object.keys(output_schema.json_schema.properties).join();
  const columns = outputs.map(({ name }) => name).join();
  if (fields !== columns) throw new Error(`${name} was asked for ${fields}, not ${columns}`);
  if (attempt === shown.attempt) {
    if (shown.run_id !== run.run_id) throw new Error(`${name} shows the run ${shown.run_id}`);
    if (shown.status !== endsAs) throw new Error(`${name} is ${shown.status}, not ${endsAs}`);
    if (shown.processor !== input.processor) throw new Error(`${name} shows ${shown.processor}`);
    return;
  }
  const earlier = shown.earlier.find((each) => each.attempt === attempt);
  if (earlier !== undefined && earlier.run_id !== run.run_id) {
    throw new Error(`${name} is kept as the run ${earlier.run_id}`);
  }
}

/** Throws unless each run of an adopted group is one row, in order and with its final status, and no run was added. */
export function judgeAdopted({ batch, rows, view }: BatchPage, upstream: BatchUpstream): void {
  const runs = upstream.groups.get(batch.id) ?? [];
  if (upstream.groups.size !== 1) throw new Error("Another group was created");
  for (const [at, { run, input, endsAs }] of runs.entries()) {
    const shown = sendView(view, 0, at + 1);
    const asked = `Acme ${at + 1}`;
    if (input.input.company !== asked) throw new Error(`Run ${at + 1} was not added elsewhere`);
    if (rows[at]?.cells[0] !== asked) throw new Error(`Row ${at + 1} is ${rows[at]?.cells[0]}`);
    if (shown.run_id !== run.run_id) throw new Error(`Row ${at + 1} shows ${shown.run_id}`);
    if (shown.status !== endsAs) throw new Error(`Row ${at + 1} is ${shown.status}`);
  }
  if (view.rows !== runs.length) throw new Error(`${view.rows} rows of ${runs.length} runs`);
}
