/** An answer as it opens: its value whole, and what it rests on. */
import type { BatchFacts } from "../../../../components/table/columns.ts";
import type { BatchPage } from "../../../../lib/batches/mod.ts";
import {
  type Confidence,
  confidences,
  isBlank,
  outputValue,
  rowView,
} from "../../../../lib/batches/model/mod.ts";
import type { Citation, FieldBasis } from "../../../../lib/parallel/mod.ts";
import { pathKey } from "../../../../lib/results/mod.ts";
import type { RunPage } from "../../../../lib/runs/model/mod.ts";
import { strongerThan } from "./batch_view.ts";

export interface CellView {
  readonly batchId: string;
  readonly row: number;
  /** The first cell of the row that says something. */
  readonly rowName: string;
  readonly column: string;
  /** `undefined` where the result has none. */
  readonly value: unknown;
  readonly confidence: Confidence;
  readonly reasonings: readonly string[];
  readonly citations: readonly Citation[];
  readonly runId: string;
  readonly simulated: boolean;
  readonly stronger: BatchFacts["stronger"];
  /** Answers of earlier tries, newest first. */
  readonly earlier: readonly EarlierCell[];
}

interface EarlierCell {
  readonly text: string;
  readonly confidence: Confidence;
  readonly processor: string | null;
  readonly runId: string | null;
}

/** The cell that an address names; `null` if there is no answer. */
export async function openedCell(
  page: BatchPage,
  search: URLSearchParams,
  runPage: (runId: string) => Promise<RunPage | null>,
): Promise<CellView | null> {
  const row = Number(search.get("row") ?? NaN), at = Number(search.get("column") ?? NaN);
  const source = page.rows[row - 1], column = page.view.outputs[at];
  if (source === undefined || column === undefined) return null;
  const view = rowView(page.view, row);
  if (view.run_id === null) return null;
  const output = (await runPage(view.run_id))?.output ?? null;
  if (output === null) return null;
  const found = basisOf(output.basis, column.path);
  return {
    batchId: page.batch.id,
    row,
    rowName: source.cells.find((cell) => !isBlank(cell))?.trim() ?? `Row ${row}`,
    column: column.name,
    value: outputValue(output, column),
    confidence: confidences(output.basis)(column.path),
    reasonings: found.map(({ reasoning }) => reasoning).filter((text) => text.trim() !== ""),
    citations: found.flatMap(({ citations }) => citations ?? []),
    runId: view.run_id,
    simulated: page.batch.simulated,
    stronger: strongerThan(view.processor ?? page.batch.processor),
    earlier: view.earlier.map(({ cells, processor, run_id }) => ({
      text: cells?.[at]?.text ?? "",
      confidence: cells?.[at]?.confidence ?? null,
      processor,
      runId: run_id,
    })),
  };
}

/** What a value rests on: its own entry, and those of what is inside it. A text rests on all of them. */
function basisOf(basis: readonly FieldBasis[], path: readonly string[]): FieldBasis[] {
  if (path.length === 0) return [...basis];
  const own = path.join(".");
  return basis.filter(({ field }) => {
    const key = pathKey(field);
    return key === own || key.startsWith(`${own}.`);
  });
}
