/** Sets of columns: the rows' answers to one task each. A row as a person sees it has those of all sets. */
import type { CellBrief, OutputColumn } from "./cells.ts";
import { isOver } from "./pace.ts";
import { newRow, type RowView, WAITING } from "./rows.ts";

/** The answers of all rows to one task: the batch's own, or one that was added for further columns. */
export interface ColumnSet {
  /** `null`: the batch's own. */
  readonly processor: string | null;
  readonly outputs: readonly OutputColumn[];
  /** Rows that changed, in pages, so that an event copies few rows. */
  readonly pages: ReadonlyMap<number, ReadonlyMap<number, RowView>>;
  /** Rows by the status that they have in this set. */
  readonly counts: Readonly<Record<string, number>>;
  /** Rows whose answer has a cell of low confidence. */
  readonly low: number;
}

const PAGE_ROWS = 128;

export function rowIn({ pages }: ColumnSet, row: number): RowView {
  return pages.get(pageOf(row))?.get(row) ?? newRow(row);
}

/** The page of {@linkcode ColumnSet.pages} that has a row. */
export function pageOf(row: number): number {
  return Math.floor(row / PAGE_ROWS);
}

/** Stands for each cell of a set that has no answer for a row yet. Compare it by identity. */
export const NO_CELL: CellBrief = { text: "", confidence: null };
/** An answer that says nothing about a column. */
const BLANK: CellBrief = { text: "", confidence: null };

/** A row as a person sees it: what is under way decides its status, then what failed. */
export function joinedRow(sets: readonly ColumnSet[], parts: readonly RowView[]): RowView {
  const own = parts[0]!;
  if (parts.length === 1) return own;
  const decisive = decisiveOf(parts);
  const costs = parts.flatMap(({ cost_usd }) => cost_usd ?? []);
  return {
    ...own,
    status: decisive.status,
    reason: decisive.reason,
    run_id: decisive.run_id ?? own.run_id,
    cost_usd: costs.length === 0 ? null : costs.reduce((sum, usd) => sum + usd, 0),
    cells: parts.every(({ cells }) => cells === null)
      ? null
      : parts.flatMap(({ cells }, at) =>
        sets[at]!.outputs.map((_, n) => cells === null ? NO_CELL : cells[n] ?? BLANK)
      ),
    earlier: parts.flatMap(({ earlier }) => earlier),
    billed: parts.flatMap(({ billed }) => billed),
  };
}

const ORDER: readonly ((status: string) => boolean)[] = [
  (status) => !isOver(status) && status !== WAITING,
  (status) => status === WAITING,
  (status) => isOver(status) && status !== "completed" && status !== "deleted",
];

export function decisiveOf(parts: readonly RowView[]): RowView {
  for (const decides of ORDER) {
    const found = parts.find(({ status }) => decides(status));
    if (found !== undefined) return found;
  }
  return parts[0]!;
}
