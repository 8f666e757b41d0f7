/** The cells of a batch's table, apart from how results become cells: a page needs only the former. */

/** A column of results. */
export interface OutputColumn {
  /** The steps from the content to the value; none for a text. */
  readonly path: readonly string[];
  /** Steps with dots between them. */
  readonly name: string;
}

/** `low`, `medium`, `high` or a later level; `null` if the API does not say. */
export type Confidence = string | null;

/** A cell of a result as a table shows it. */
export interface CellBrief {
  readonly text: string;
  readonly confidence: Confidence;
}

/** The number of cells with low confidence. */
export function lowCells(cells: readonly CellBrief[]): number {
  return cells.filter(({ confidence }) => confidence === "low").length;
}
