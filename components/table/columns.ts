/** What the page of a batch knows besides its rows. Pure: runs in a browser. */

/** The columns of its table. */
export interface TableColumns {
  /** Uploaded columns that hold something, and their places in a row's cells. */
  readonly inputs: readonly { readonly at: number; readonly name: string }[];
  readonly outputs: readonly { readonly name: string; readonly isNumber: boolean }[];
}

/** What the page knows of the batch besides its rows. */
export interface BatchFacts {
  readonly id: string;
  readonly processor: string;
  /** US dollars for each row; `null` if it is unknown. */
  readonly price_usd: number | null;
  /** What low-confidence rows may run on again; `null` where there is nothing stronger. */
  readonly stronger: { readonly name: string; readonly price_usd: number } | null;
  /** The filter in the page's address, for exports: without `?`. */
  readonly query: string;
  /** Rows in the filter. */
  readonly matching: number;
}

/** Where an answer is shown whole, with its reasoning and sources. `column` counts answers from 0. */
export function cellHref(batchId: string, row: number, column: number): string {
  return `/batches/${encodeURIComponent(batchId)}/cell?row=${row}&column=${column}`;
}

/** A field's name as people read it: `legal_name` is `legal name`. */
export function spaced(name: string): string {
  return name.replace(/_/g, " ");
}
