/** Runs with the same fields as a table: a row for each run, a column for each field. */
import { Answer } from "../../../components/table/BatchRow.tsx";
import { Cost } from "../../../components/RunLines.tsx";
import { Status } from "../../../components/ui/Status.tsx";
import { count, duration } from "../../../lib/base/mod.ts";
import type { CellBrief, OutputColumn } from "../../../lib/batches/model/mod.ts";
import type { RunSummary } from "../../../lib/runs/model/mod.ts";
import { listHref, type ListQuery } from "./list_query.ts";
import { EVERYTHING } from "./presets.ts";

export interface RunsTableProps {
  readonly query: ListQuery;
  readonly columns: readonly (OutputColumn & {
    readonly label: string;
    readonly isNumber: boolean;
  })[];
  readonly rows: readonly {
    readonly run: RunSummary;
    /** `null` if it has no result. */
    readonly cells: readonly CellBrief[] | null;
  }[];
  /** The `schema` that the ticked runs share; `null` if they differ, or for a filtered table. */
  readonly shared: string | null;
  readonly simulated: boolean;
}

export function RunsTable({ query, columns, rows, shared, simulated }: RunsTableProps) {
  const ids = query.ids !== "";
  return (
    <section aria-label="Table" class={simulated ? "simulated" : undefined}>
      <p class="text-sm text-soft my-2 flex flex-wrap gap-x-4">
        {rows.length > 0 && (
          <span>
            {count(rows.length)} {rows.length === 1 ? "run" : "runs"}, {count(columns.length)}{" "}
            {columns.length === 1 ? "field" : "fields"}.
          </span>
        )}
        {shared !== null && (
          <a href={listHref({ ...EVERYTHING, schema: shared, view: "table" })}>
            All runs that ask for these fields
          </a>
        )}
        <a href={listHref({ ...query, view: "", ids: "" })}>
          {ids ? "Back to the list" : "Show as a list"}
        </a>
      </p>
      {rows.length > 0 && (
        <div class="pane" id="pane" role="region" aria-label="Runs and their fields" tabIndex={0}>
          <table class="grid-table cards">
            <thead>
              <tr>
                <th scope="col" class="first">Task</th>
                {columns.map(({ name, label, isNumber }) => (
                  <th key={name} scope="col" class={isNumber ? "answer number" : "answer"}>
                    {label}
                  </th>
                ))}
                <th scope="col">Status</th>
                <th scope="col">Processor</th>
                <th scope="col" class="number">Time</th>
                <th scope="col" class="number">Cost</th>
              </tr>
            </thead>
            <tbody>
              {rows.map(({ run, cells }) => <Row key={run.run_id} {...{ run, cells, columns }} />)}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}

function Row(
  { run, cells, columns }: Pick<RunsTableProps, "columns"> & RunsTableProps["rows"][number],
) {
  const href = `/tasks/${encodeURIComponent(run.run_id)}`;
  return (
    <tr>
      <th scope="row" class="first" dir="auto">
        <a href={href} class="link">{run.title || "(empty input)"}</a>
      </th>
      {columns.map(({ name, label, isNumber }, at) => (
        <td
          key={name}
          class={isNumber ? "answer number" : "answer"}
          data-label={cells === null ? undefined : label}
        >
          {cells !== null && <Answer cell={cells[at]} href={href} />}
        </td>
      ))}
      <td class="state">
        <Status status={run.status} />
      </td>
      <td data-label="Processor">{run.processor}</td>
      <td class="number" data-label="Time">
        {duration(run.ended_ms === null ? null : run.ended_ms - run.created_ms)}
      </td>
      <td class="number" data-label="Cost">
        <Cost run={run} />
      </td>
    </tr>
  );
}
