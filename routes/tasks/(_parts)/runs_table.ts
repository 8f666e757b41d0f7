/** Reads the results of runs as a table. */
import type { RunsTableProps } from "./RunsTable.tsx";
import type { ListQuery } from "./list_query.ts";
import { idsOf } from "./history_page.ts";
import type { Account } from "../../../lib/accounts/mod.ts";
import { isNumber } from "../../../lib/base/mod.ts";
import {
  type CellBrief,
  columnsOfOutputs,
  type OutputColumn,
  outputColumns,
  outputValue,
} from "../../../lib/batches/model/mod.ts";
import type { View } from "../../../lib/limits/mod.ts";
import type { TaskRunOutput } from "../../../lib/parallel/mod.ts";
import {
  confidenceByPath,
  labelOf,
  memberOf,
  requestedSchema,
  type Schema,
  shownLine,
  showValue,
} from "../../../lib/results/mod.ts";
import type { RunSummary } from "../../../lib/runs/model/mod.ts";
import type { Services } from "../../../lib/services.ts";

/** Columns of a table. Further fields are on the runs' own pages. */
const MAX_COLUMNS = 60;

/** Returns the ticked runs, or those of the list's page, with a column for each field of their results. */
export async function runsTable(
  { histories }: Services,
  account: Account,
  { query, listed, view }: {
    readonly query: ListQuery;
    readonly listed: readonly RunSummary[];
    readonly view: View;
  },
): Promise<RunsTableProps> {
  const ids = query.ids === "" ? listed.map(({ run_id }) => run_id) : idsOf(query.ids);
  const found: NonNullable<Awaited<ReturnType<typeof histories.result>>>[] = [];
  for (const id of ids) {
    const result = await histories.result(account.id, id, view.weigh);
    if (result !== null) found.push(result);
  }
  const lines = query.ids === ""
    ? listed
    : await histories.summaries(account.id, found.map(({ run }) => run));
  const rows = lines.flatMap((run) => {
    const result = found.find((each) => each.run.run_id === run.run_id);
    return result === undefined ? [] : [{ run, output: result.output }];
  });
  const outputs = rows.flatMap(({ output }) => output ?? []);
  // The fields in the order of the first schema, then those that only results have.
  const asked = found.map(({ run }) => requestedSchema(run.input)).find((each) => each !== null);
  const columns = new Map<string, OutputColumn>();
  for (
    const column of [...asked ? outputColumns(asked) : [], ...columnsOfOutputs(outputs)]
  ) {
    columns.set(column.name, column);
  }
  const shown = [...columns.values()].slice(0, MAX_COLUMNS).map((column) => ({
    ...column,
    isNumber: outputs.some((output) => isNumber(outputValue(output, column))),
    label: labelOf(
      column.name,
      outputs.map((output) => outputValue(output, column) ?? null).find((value) => value !== null),
    ),
  }));
  const schema = asked ? { root: asked, node: asked } : null;
  const schemas = new Set(lines.map(({ schema }) => schema));
  const [shared] = schemas;
  return {
    query,
    columns: shown,
    rows: rows.map(({ run, output }) => ({
      run,
      cells: output === null ? null : cellsOf(output, schema, shown),
    })),
    shared: query.ids !== "" && schemas.size === 1 ? shared ?? null : null,
    simulated: lines.some(({ simulated }) => simulated),
  };
}

/** A result as one short cell for each column, written as on the result's page. */
function cellsOf(
  output: TaskRunOutput,
  schema: Schema | null,
  columns: readonly OutputColumn[],
): CellBrief[] {
  const confidence = confidenceByPath(output.basis);
  return columns.map((column) => {
    const { path, name } = column;
    const inside = path.reduce<Schema | null>((above, step) => memberOf(above, step), schema);
    const shown = showValue(outputValue(output, column), inside, name, { brief: true });
    return { text: shownLine(shown), confidence: confidence(path) };
  });
}
