/** Builds the page of a batch for the query in its URL. */
import { seedOf } from "../../../../components/table/seed.ts";
import {
  type BatchFacts,
  type BatchPlace,
  failedRows,
  type TableColumns,
} from "../../../../components/table/columns.ts";
import type { BatchMenusProps } from "../../../../components/table/BatchMenus.tsx";
import type { BatchTableProps } from "../../../../components/table/BatchTable.tsx";
import type { BatchPage } from "../../../../lib/batches/mod.ts";
import {
  failedSends,
  isBlank,
  isOver,
  readRowQuery,
  type RowPrice,
  type RowQuery,
  ROWS_PER_PAGE,
  type RowsToRerun,
  type RowView,
  rowView,
  selectRows,
  type TableRow,
  WAITING,
  writeRowQuery,
} from "../../../../lib/batches/model/mod.ts";
import { beginning, inTurns, isObject } from "../../../../lib/base/mod.ts";
import { priceOf, processor as processorOf } from "../../../../lib/parallel/mod.ts";
import { labelOf, memberOf, type Schema, showValue } from "../../../../lib/results/mod.ts";

/** Uploaded rows and their state. */
interface KnownRow {
  readonly row: TableRow;
  readonly view: RowView;
}

/** Everything that the page's components need. */
export interface ShownBatch {
  readonly facts: BatchFacts;
  readonly seed: ReturnType<typeof seedOf>;
  readonly table: BatchTableProps;
  /** Result columns, including those that the page leaves out. */
  readonly fields: number;
  /** `null` on pages without actions. */
  readonly menus: Omit<BatchMenusProps, "nameKept" | "offer"> | null;
  readonly simulated: boolean;
}

/** Whether a query asks for all rows in their order, so that there is no need to inspect each of them. */
function isWhole(query: RowQuery): boolean {
  return writeRowQuery({ ...query, page: 1 }).size === 0;
}

/** The numbers of all rows of a query, sorted. */
export async function matchingNumbers(page: BatchPage, query: RowQuery): Promise<number[]> {
  return isWhole(query)
    ? Array.from(page.rows, (_, at) => at + 1)
    : (await matchingRows(page, query)).map(({ view }) => view.row);
}

/** All rows of a query, sorted. */
async function matchingRows(page: BatchPage, query: RowQuery): Promise<KnownRow[]> {
  const { batch, rows, view } = page;
  const all = rows.map((row, at) => ({ row, view: rowView(view, at + 1) }));
  const columns = {
    inputs: batch.columns.map(({ name }) => name),
    outputs: view.outputs.map(({ name }) => name),
  };
  return await inTurns(selectRows(all, query, columns));
}

export async function shownBatch(
  page: BatchPage,
  search: URLSearchParams,
  { base, isShared }: BatchPlace,
): Promise<ShownBatch> {
  const { batch, view, rows } = page;
  const asked = readRowQuery(search);
  const found = isWhole(asked) ? null : await matchingRows(page, asked);
  const matching = found?.length ?? rows.length;
  const pages = Math.max(1, Math.ceil(matching / ROWS_PER_PAGE));
  const query = { ...asked, page: Math.min(asked.page, pages) };
  const first = (query.page - 1) * ROWS_PER_PAGE;
  const last = first + ROWS_PER_PAGE;
  const shown = found?.slice(first, last) ??
    rows.slice(first, last).map((row, at) => ({ row, view: rowView(view, first + at + 1) }));
  const filter = writeRowQuery({ ...query, page: 1 });
  const columns = columnsOf(page);
  const seed = seedOf(view), stronger = strongerThan(batch.processor);
  const priceOfRow = rowPriceOf(page);
  const processors = seed.sets.flatMap((set) => [
    set.processor,
    ...set.attempts.map(([, , processor]) => processor),
  ]);
  return {
    simulated: batch.simulated,
    fields: columns.outputs.length,
    seed,
    facts: {
      base,
      isShared,
      processor: batch.processor,
      prices: Object.fromEntries(
        [batch.processor, stronger?.name, ...processors].flatMap((name) =>
          name ? [[name, priceOfRow(name)]] : []
        ),
      ),
      stronger,
    },
    menus: isShared ? null : {
      base,
      name: view.name,
      rows: rows.length,
      filter: filter.toString(),
      matching,
      hasLink: page.share !== null,
    },
    table: {
      base,
      ...fitting(columns, shown.length),
      isOpen: view.state !== "done",
      query,
      rows: shown,
      matching,
      counts: {
        all: rows.length,
        completed: view.counts.completed ?? 0,
        running: Object.entries(view.counts).reduce(
          (sum, [status, rows]) => isOver(status) || status === WAITING ? sum : sum + rows,
          0,
        ),
        waiting: view.counts[WAITING] ?? 0,
        failed: failedRows(view),
        low: view.low,
        empty: null,
      },
      runHref: ({ run_id }) =>
        run_id === null || isShared ? null : `/tasks/${encodeURIComponent(run_id)}`,
    },
  };
}

/** The most that retrying rows costs (US dollars); `null` if a price is unknown. */
export function retryUsd({ batch, view }: BatchPage, rows: RowsToRerun): number | null {
  return failedSends(view, rows).reduce<number | null>((sum, { processor }) => {
    const price = processor === null ? batch.price_usd : priceOf(processor);
    return sum === null || price === null ? null : sum + price;
  }, 0);
}

/** The price per row of each column set (US dollars). */
export function pricesOf(page: BatchPage): (number | null)[] {
  return page.view.sets.map(({ processor }) => rowPriceOf(page)(processor));
}

/** Prices rows by their processor. */
export function rowPriceOf({ batch }: BatchPage): RowPrice {
  return (name) => name === null || name === batch.processor ? batch.price_usd : priceOf(name);
}

/** The batch's place for its owner. */
export function ownPlace({ batch }: BatchPage): BatchPlace {
  return { base: `/batches/${encodeURIComponent(batch.id)}`, isShared: false };
}

/** The batch's place for visitors with the share link. */
export function sharedPlace(token: string): BatchPlace {
  return { base: `/s/${encodeURIComponent(token)}`, isShared: true };
}

/** Omits uploaded columns without any value: the result columns replace them. */
export function columnsOf(page: BatchPage): TableColumns {
  const { batch, rows, view } = page;
  return {
    inputs: batch.columns.flatMap(({ name }, at) =>
      rows.every(({ cells }) => isBlank(cells[at])) ? [] : [{ at, name, label: short(name) }]
    ),
    outputs: view.outputs.map(({ name, path }) => {
      const schema = schemaOf(page, path);
      const sample = sampleOf(schema?.node);
      const { unit } = showValue(sample, schema, name);
      const label = labelOf(name, sample, schema);
      return {
        name,
        label: short(unit === null ? label : `${label}, ${unit.text}`),
        isNumber: typeof sample === "number",
      };
    }),
  };
}

/** Cells of a page, and the columns that one of few and of many rows shows: a page has at most 4 MB. */
const MAX_CELLS = 4_000, MAX_COLUMNS = 150, LEAST_COLUMNS = MAX_CELLS / ROWS_PER_PAGE;
/** Uploaded columns that are shown beside many results. */
const LEAST_INPUTS = 10;
/** A name stands in every cell of its column, for phones. A heading can have 500 characters. */
const LABEL_CHARS = 40;

/** The first columns, as many as fit a page with so many rows. */
function fitting(
  { inputs, outputs }: TableColumns,
  rows: number,
): Pick<BatchTableProps, "columns" | "hidden"> {
  const room = Math.min(MAX_COLUMNS, Math.max(LEAST_COLUMNS, Math.floor(MAX_CELLS / rows)));
  const beside = Math.min(inputs.length, LEAST_INPUTS);
  const columns = {
    inputs: inputs.slice(0, Math.max(beside, room - outputs.length)),
    outputs: outputs.slice(0, room - beside),
  };
  const shown = columns.inputs.length + columns.outputs.length;
  return { columns, hidden: inputs.length + outputs.length - shown };
}

function short(name: string): string {
  return name.length <= LABEL_CHARS ? name : `${beginning(name, LABEL_CHARS)}…`;
}

/** What was asked of the answers in a column; `null` if there is no schema. */
export function schemaOf({ batch }: BatchPage, path: readonly string[]): Schema | null {
  const output = batch.task.task_spec?.output_schema;
  const json = isObject(output) && isObject(output.json_schema) ? output.json_schema : null;
  return path.reduce<Schema | null>(memberOf, json === null ? null : { root: json, node: json });
}

/** A value as the schema asks for it, if its column's label depends on it; else `null`. */
function sampleOf(schema: unknown): number | boolean | null {
  const types = isObject(schema) ? [schema.type].flat() : [];
  if (types.some((type) => type === "number" || type === "integer")) return 0;
  return types.includes("boolean") ? true : null;
}

/** The stronger processor offered for low-confidence rows. */
const STRONGER = new Map([
  ["lite", "core"],
  ["base", "core"],
  ["core", "pro"],
  ["core2x", "pro"],
  ["pro", "ultra"],
  ["ultra", "ultra2x"],
  ["ultra2x", "ultra4x"],
  ["ultra4x", "ultra8x"],
]);

export function strongerThan(name: string): BatchFacts["stronger"] {
  const stronger = processorOf(STRONGER.get(name.replace(/-fast$/, "")) ?? "");
  return stronger === null ? null : { name: stronger.name, price_usd: stronger.price };
}
