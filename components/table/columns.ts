/** What the page of a batch knows besides its rows. Pure: runs in a browser. */
import { type BatchView, isOver } from "../../lib/batches/model/mod.ts";

/** The columns of its table. */
export interface TableColumns {
  /** Uploaded columns that hold something, and their places in a row's cells. */
  readonly inputs: readonly { readonly at: number; readonly name: string }[];
  readonly outputs: readonly { readonly name: string; readonly isNumber: boolean }[];
}

/** The batch's own page for its owner, or the one that its share link leads to. */
export interface BatchPlace {
  /** The path of the page, without a slash at its end. */
  readonly base: string;
  /** Strangers look at the table, open its cells, and do nothing else. */
  readonly isShared: boolean;
}

/** What the page knows of the batch besides its rows. */
export interface BatchFacts extends BatchPlace {
  readonly processor: string;
  /** US dollars for each row, in each set of columns; `null` if it is unknown. */
  readonly prices: readonly (number | null)[];
  /** What low-confidence rows may run on again; `null` where there is nothing stronger. */
  readonly stronger: { readonly name: string; readonly price_usd: number } | null;
}

/** Where an answer is shown whole, with its reasoning and sources. `column` counts answers from 0. */
export function cellHref(base: string, row: number, column: number): string {
  return `${base}/cell?row=${row}&column=${column}`;
}

/** A field's name as people read it: `legal_name` is `legal name`. */
export function spaced(name: string): string {
  return name.replace(/_/g, " ");
}

/** Rows that ended without an answer. */
export function failedRows({ counts }: Pick<BatchView, "counts">): number {
  return Object.entries(counts).reduce(
    (sum, [status, rows]) =>
      isOver(status) && status !== "completed" && status !== "deleted" ? sum + rows : sum,
    0,
  );
}
