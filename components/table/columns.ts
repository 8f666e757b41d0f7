/** Facts about a batch's page other than its rows. Pure; runs in a browser. */
import { type BatchView, isOver, type RowPrice } from "../../lib/batches/model/mod.ts";

/** The columns of its table. */
export interface TableColumns {
  /** Uploaded columns with values, and their indexes in a row's cells. */
  readonly inputs: readonly {
    readonly at: number;
    readonly name: string;
    /** Its name as far as the table shows it. */
    readonly label: string;
  }[];
  readonly outputs: readonly AnswerColumn[];
}

export interface AnswerColumn {
  /** The field's name, by which the table is sorted. */
  readonly name: string;
  /** Its name as people read it, with the unit of its numbers. */
  readonly label: string;
  readonly isNumber: boolean;
}

/** A batch's page: the owner's, or the shared one. */
export interface BatchPlace {
  /** The path of the page, without a trailing slash. */
  readonly base: string;
  /** Visitors can view the table and open its cells, but not change anything. */
  readonly isShared: boolean;
}

/** Facts about the batch other than its rows. */
export interface BatchFacts extends BatchPlace {
  readonly processor: string;
  /** Price per row on each processor that rows have (US dollars); `null` if unknown. */
  readonly prices: Readonly<Record<string, number | null>>;
  /** The stronger processor offered for low-confidence rows; `null` if there is none. */
  readonly stronger: { readonly name: string; readonly price_usd: number } | null;
}

/** Prices rows by their processor. */
export function rowPrice({ prices, processor }: BatchFacts): RowPrice {
  return (name) => prices[name ?? processor] ?? null;
}

/**
 * The page of a result with its reasoning and sources. `column` is the result column's index, from 0, or
 * `reason`: why the row has no result.
 */
export function cellHref(base: string, row: number, column: number | "reason"): string {
  return `${base}/cell?row=${row}&column=${column}`;
}

/** Rows that ended without a result. */
export function failedRows({ counts }: Pick<BatchView, "counts">): number {
  return Object.entries(counts).reduce(
    (sum, [status, rows]) =>
      isOver(status) && status !== "completed" && status !== "deleted" ? sum + rows : sum,
    0,
  );
}

/** A tenth of a cent (US dollars): with it, dollars are as long as they may be. */
export const MILL = 0.001;

/**
 * Room for a figure that grows while one watches, so that what stands beside it does not move: as many spaces as
 * the figure lacks to be as wide as `most`, each as wide as a digit or a comma. They belong into one text with the
 * figure, which then begins at the same place however long it is.
 */
export function room(isLive: boolean, figure: string, most: string): string {
  return isLive
    ? most.slice(0, -figure.length).replace(/[^,]/g, "\u2007").replace(/,/g, "\u2008")
    : "";
}
