/** Cell types of a batch's table. They are apart from `outputs.ts`, which pages do not need. */

/** A column of results. */
export interface OutputColumn {
  /** The path from the content to the value; empty for a text result. */
  readonly path: readonly string[];
  /** The path joined with dots. */
  readonly name: string;
}

/** `low`, `medium`, `high` or a level added later; `null` if the API gives none. */
export type Confidence = string | null;

/** A result cell as the table shows it. */
export interface CellBrief {
  readonly text: string;
  readonly confidence: Confidence;
  /** The text as people read it, if it differs: `Yes`, `14 Mar 2014`. Units are in the column's label. */
  readonly shown?: string;
}

/** Counts the cells with low confidence. */
export function lowCells(cells: readonly CellBrief[]): number {
  return cells.filter(({ confidence }) => confidence === "low").length;
}
