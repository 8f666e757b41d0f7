/** An opened cell: its full value and its basis. */
import type { BatchFacts, BatchPlace } from "../../../../components/table/columns.ts";
import type { BatchPage } from "../../../../lib/batches/mod.ts";
import {
  columnPlace,
  type Confidence,
  failedSends,
  isBlank,
  outputValue,
  rowView,
  sendView,
} from "../../../../lib/batches/model/mod.ts";
import type { Citation, FieldBasis } from "../../../../lib/parallel/mod.ts";
import { confidenceByPath, pathKey, type Schema } from "../../../../lib/results/mod.ts";
import type { RunPage } from "../../../../lib/runs/model/mod.ts";
import { retryUsd, schemaOf, strongerThan } from "./batch_view.ts";

export interface CellView {
  /** The path of the table's page. */
  readonly base: string;
  readonly row: number;
  /** Its column set. */
  readonly set: number;
  /** The row's first non-empty cell. */
  readonly rowName: string;
  readonly column: string;
  /** What was asked of it; `null` if there is no schema. */
  readonly schema: Schema | null;
  /** `undefined` if the result has none. */
  readonly value: unknown;
  readonly confidence: Confidence;
  readonly reasonings: readonly string[];
  readonly citations: readonly Citation[];
  /** `null` for visitors with a share link. */
  readonly runId: string | null;
  readonly simulated: boolean;
  readonly stronger: BatchFacts["stronger"];
  /** Results of earlier attempts, newest first. */
  readonly earlier: readonly EarlierCell[];
}

interface EarlierCell {
  readonly text: string;
  readonly confidence: Confidence;
  readonly processor: string | null;
  readonly runId: string | null;
}

/** Why a row has no result. */
export interface ReasonView extends Pick<CellView, "base" | "row" | "rowName" | "runId"> {
  readonly status: string;
  readonly reason: string;
  /** What running it again costs at most (US dollars), if that is known; `null` if it cannot be run again here. */
  readonly retry: { readonly price_usd: number | null } | null;
}

/** Reads the run of a row in one column set. */
type ReadRun = (
  send: { readonly row: number; readonly set: number; readonly run_id: string | null },
) => Promise<RunPage | null>;

/** Finds the cell of a URL, or the reason for a row without one; `null` if there is neither. */
export async function openedCell(
  page: BatchPage,
  search: URLSearchParams,
  { place, readRun }: { readonly place: BatchPlace; readonly readRun: ReadRun },
): Promise<CellView | ReasonView | null> {
  const { batch, rows, view } = page;
  const row = Number(search.get("row") ?? NaN), column = Number(search.get("column") ?? NaN);
  const source = rows[row - 1], named = view.outputs[column], found = columnPlace(view, column);
  if (source === undefined) return null;
  const rowName = source.cells.find((cell) => !isBlank(cell))?.trim() ?? `Row ${row}`;
  if (search.get("column") === "reason") {
    const why = reasonOf(page, row, place);
    return why && { base: place.base, row, rowName, ...why };
  }
  if (named === undefined || found === null) return null;
  const { set, at } = found;
  const send = sendView(view, set, row);
  const output = (await readRun({ row, set, run_id: send.run_id }))?.output ?? null;
  if (output === null) return null;
  const entries = basisOf(output.basis, named.path);
  return {
    base: place.base,
    row,
    set,
    rowName,
    column: named.name,
    schema: schemaOf(page, named.path),
    value: outputValue(output, named),
    confidence: confidenceByPath(output.basis)(named.path),
    reasonings: entries.map(({ reasoning }) => reasoning).filter((text) => text.trim() !== ""),
    citations: entries.flatMap(({ citations }) => citations ?? []),
    runId: place.isShared ? null : send.run_id,
    simulated: batch.simulated,
    stronger: place.isShared
      ? null
      : strongerThan(send.processor ?? view.sets[set]?.processor ?? batch.processor),
    earlier: send.earlier.map(({ cells, processor, run_id }) => ({
      text: cells?.[at]?.text ?? "",
      confidence: cells?.[at]?.confidence ?? null,
      processor,
      runId: run_id,
    })),
  };
}

function reasonOf(page: BatchPage, row: number, place: BatchPlace) {
  const { status, reason, run_id } = rowView(page.view, row);
  if (reason === null) return null;
  const rows = { rows: [row] };
  return {
    status,
    reason,
    runId: place.isShared ? null : run_id,
    retry: place.isShared || failedSends(page.view, rows).length === 0
      ? null
      : { price_usd: retryUsd(page, rows) },
  };
}

/** The basis of a value: its own entry and those of nested fields. A text result has all entries. */
function basisOf(basis: readonly FieldBasis[], path: readonly string[]): FieldBasis[] {
  if (path.length === 0) return [...basis];
  const own = path.join(".");
  return basis.filter(({ field }) => {
    const key = pathKey(field);
    return key === own || key.startsWith(`${own}.`);
  });
}
