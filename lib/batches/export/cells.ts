/**
 * The columns of every export: the uploaded columns unchanged and in order, one column per result field,
 * confidence and sources on request, then the row's status. Pure.
 */
import { readVerbatim } from "../../base/mod.ts";
import { basisAt, distinctNames, placesIn, SIMULATED, sourcesOf } from "../../exports/mod.ts";
import type { TaskRunOutput } from "../../parallel/mod.ts";
import { cellOf, confidenceByPath } from "../../results/mod.ts";
import {
  kindAt,
  type OutputColumn,
  outputValue,
  type TableColumn,
  type TableRow,
} from "../model/mod.ts";

/** Results with the same columns: the batch's own, those of an earlier attempt, or those of added columns. */
export interface ResultSet {
  /** Prefix of the column names; `null` for none. */
  readonly label: string | null;
  readonly columns: readonly OutputColumn[];
}

/** The columns of an export. */
export interface BatchExport {
  readonly uploaded: readonly TableColumn[];
  readonly results: readonly ResultSet[];
  /** Whether each field also gets a confidence and a sources column. */
  readonly sources: boolean;
  readonly simulated: boolean;
}

/** A row of an export. */
export interface BatchExportRow {
  readonly row: TableRow;
  /** `waiting`, `sent`, or the run's status. */
  readonly status: string;
  /** Why the row failed or was not sent. */
  readonly reason: string | null;
  readonly run_id: string | null;
  /** One result per result set. */
  readonly outputs: readonly (TaskRunOutput | null)[];
}

/** A cell as text, and as a value for formats with types. */
export interface ExportCell {
  readonly text: string;
  /** `null` where it is empty. */
  readonly value: unknown;
}

const STATUS_COLUMNS: readonly string[] = ["status", "error", "run_id"];

/** Returns the headings. Uploaded columns keep theirs; the others get unique names. */
export function headings(table: BatchExport): string[] {
  const fields = table.results.flatMap(({ label, columns }) =>
    columns.map(({ name }) => label === null ? name : `${label}: ${name}`)
  );
  const own = [
    ...fields,
    ...table.sources ? fields.flatMap((name) => [`${name} confidence`, `${name} sources`]) : [],
    ...STATUS_COLUMNS,
    ...table.simulated ? ["simulated"] : [],
  ];
  const uploaded = table.uploaded.map(({ heading, name }) => heading ?? name);
  const taken = [...uploaded, ...table.uploaded.map(({ name }) => name)];
  return [...uploaded, ...distinctNames(own, own, taken)];
}

/** Returns a row's cells, one per heading. Yields while it works, so the caller can pace large results. */
export function* rowCells(
  table: BatchExport,
  { row, status, reason, run_id, outputs }: BatchExportRow,
): Generator<"", ExportCell[]> {
  const cells = table.uploaded.map((_, column) => uploadedCell(row, column));
  const basisCells: ExportCell[] = [];
  for (const [at, { columns }] of table.results.entries()) {
    const output = outputs[at] ?? null;
    for (const column of columns) {
      cells.push(valueCell(output === null ? null : outputValue(output, column)));
      yield "";
    }
    if (table.sources) basisCells.push(...yield* cellsOfBasis(output, columns));
  }
  cells.push(...basisCells, ...[status, reason, run_id].map(valueCell));
  if (table.simulated) cells.push(valueCell(SIMULATED));
  return cells;
}

function uploadedCell(row: TableRow, column: number): ExportCell {
  const text = row.cells[column] ?? "";
  return { text, value: text === "" ? null : valueOf(text, row, column) };
}

function valueOf(text: string, row: TableRow, column: number): unknown {
  switch (kindAt(row, column)) {
    case "boolean":
      return text.toLowerCase() === "true";
    case "number":
    case "json":
      try {
        return readVerbatim(text);
      } catch {
        return text;
      }
    default:
      return text;
  }
}

function valueCell(value: unknown): ExportCell {
  return { text: String(cellOf(value) ?? ""), value: value ?? null };
}

function* cellsOfBasis(
  output: TaskRunOutput | null,
  columns: readonly OutputColumn[],
): Generator<"", ExportCell[]> {
  if (output === null) return columns.flatMap(() => [valueCell(null), valueCell(null)]);
  const places = placesIn(output.content, columns.map(({ path }) => path));
  const basis = yield* basisAt(output.basis, places);
  const confidence = confidenceByPath(output.basis);
  return columns.flatMap(({ path }, at) => [
    valueCell(places[at] === null ? null : confidence(path)),
    valueCell(path.length === 0 ? citedBy(output) : sourcesOf(basis, places[at] ?? null)),
  ]);
}

function citedBy({ basis }: TaskRunOutput): string {
  const urls = basis.flatMap(({ citations }) => (citations ?? []).map(({ url }) => url));
  return [...new Set(urls)].join(" ");
}
