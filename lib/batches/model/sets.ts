/** Column sets. Each holds the rows' results for one task; a displayed row joins all of them. */
import type { CellBrief, OutputColumn } from "./events.ts";
import { isOver } from "./pace.ts";
import { newRow, type RowView, WAITING } from "./rows.ts";

/** All rows' results for one task: the batch's own, or one of an added column set. */
export interface ColumnSet {
  /** `null`: the batch's processor. */
  readonly processor: string | null;
  readonly outputs: readonly OutputColumn[];
  /** Changed rows, in pages, so each event copies only a few rows. */
  readonly pages: ReadonlyMap<number, ReadonlyMap<number, RowView>>;
  /** Number of rows by status in this set. */
  readonly counts: Readonly<Record<string, number>>;
  /** Rows with a low-confidence cell. */
  readonly low: number;
  /** Whether a row was ever sent again. */
  readonly again?: boolean;
}

const PAGE_ROWS = 128;

export function rowIn({ pages }: ColumnSet, row: number): RowView {
  return pages.get(pageOf(row))?.get(row) ?? newRow(row);
}

/** The page of {@linkcode ColumnSet.pages} that holds a row. */
export function pageOf(row: number): number {
  return Math.floor(row / PAGE_ROWS);
}

/** The first row of such a page. Rows count from 1, pages from 0. */
export function firstOfPage(page: number): number {
  return page * PAGE_ROWS;
}

/** Placeholder for a cell without a result. Compare it by identity. */
export const NO_CELL: CellBrief = { text: "", confidence: null };
/** A result without a value for a column. */
const BLANK: CellBrief = { text: "", confidence: null };

/** Joins a row's column sets. Its status is the least advanced one: running first, then failed. */
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
