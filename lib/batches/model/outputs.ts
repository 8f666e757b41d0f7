/** A result as cells of a table: columns from a schema, and how sure the API is of each cell. Pure. */
import { isObject, type JsonObject, ownMember } from "../../parallel/json.ts";
import type { FieldBasis, TaskRunOutput } from "../../parallel/types.ts";
import { cellOf } from "../../results/cell.ts";
import { pathKey } from "../../results/path.ts";
import { fieldNames, fieldPaths } from "../../results/schema.ts";

/** A column of results. */
export interface OutputColumn {
  /** The steps from the content to the value; none for a text. */
  readonly path: readonly string[];
  /** Steps with dots between them. */
  readonly name: string;
}

/** The name of the only column of text results. */
export const TEXT_COLUMN = "output";
/** More columns than this are in the result's own page alone. */
const MOST_COLUMNS = 200;

/**
 * The columns of results that were asked for with a schema: one for each of its fields. In a `flat` table
 * nested objects have a column for each of their own fields.
 */
export function outputColumns(schema: JsonObject | null, flat = false): OutputColumn[] {
  if (schema === null) return [TEXT];
  const root = { root: schema, node: schema };
  const paths = flat ? fieldPaths(root) : fieldNames(root).map((name) => [name]).values();
  return paths.take(MOST_COLUMNS).map(columnOf).toArray();
}

const TEXT: OutputColumn = { path: [], name: TEXT_COLUMN };

function columnOf(path: readonly string[]): OutputColumn {
  return { path, name: path.join(".") };
}

/**
 * The columns of results whose schema the API made up: every field that any of them has, in the order in
 * which it is first seen.
 */
export function columnsOfOutputs(outputs: Iterable<TaskRunOutput>): OutputColumn[] {
  const columns = new Map<string, OutputColumn>();
  for (const output of outputs) {
    if (columns.size >= MOST_COLUMNS) break;
    const found = output.type === "text"
      ? [TEXT]
      : isObject(output.content)
      ? Object.keys(output.content).map((name) => columnOf([name]))
      : [];
    for (const column of found) columns.set(JSON.stringify(column.path), column);
  }
  return [...columns.values()].slice(0, MOST_COLUMNS);
}

/** `low`, `medium`, `high`, whatever the API adds; `null` where it says nothing. */
export type Confidence = string | null;

/** A cell of a result as a table shows it. */
export interface CellBrief {
  readonly text: string;
  readonly confidence: Confidence;
}

/** Characters of a cell in a list of rows; its own page has all of them. */
const BRIEF_CHARS = 300;

/** The value of a column in a result; `undefined` where it has none. */
export function outputValue(output: TaskRunOutput, { path }: OutputColumn): unknown {
  if (output.type === "text") return path.length === 0 ? output.content : undefined;
  return path.reduce<unknown>(ownMember, output.content) ?? undefined;
}

/** A result as one cell for each column, cut to what a table shows. */
export function cellBriefs(output: TaskRunOutput, columns: readonly OutputColumn[]): CellBrief[] {
  const confidence = confidences(output.basis);
  return columns.map((column) => ({
    text: brief(String(cellOf(outputValue(output, column)) ?? "")),
    confidence: confidence(column.path),
  }));
}

function brief(text: string): string {
  if (text.length <= BRIEF_CHARS) return text;
  const cut = text.slice(0, BRIEF_CHARS);
  // Never half a character.
  return `${/[\uD800-\uDBFF]$/.test(cut) ? cut.slice(0, -1) : cut}…`;
}

const LEVELS: readonly string[] = ["low", "medium", "high"];

/** The less sure of two levels; one that the API adds later is taken for the surest. */
function lower(one: string, other: string): string {
  const rank = (level: string) => LEVELS.includes(level) ? LEVELS.indexOf(level) : LEVELS.length;
  return rank(other) < rank(one) ? other : one;
}

/**
 * How sure the API is of a place: what it says of the place itself, else the least of what it says of
 * what is inside of it. Of a text, its only entry.
 */
export function confidences(
  basis: readonly FieldBasis[],
): (path: readonly string[]) => Confidence {
  const own = new Map<string, string>(), inside = new Map<string, string>();
  for (const { field, confidence } of basis) {
    if (!confidence) continue;
    const key = pathKey(field);
    own.set(key, confidence);
    for (let dot = key.indexOf("."); dot !== -1; dot = key.indexOf(".", dot + 1)) {
      const above = key.slice(0, dot);
      inside.set(above, lower(inside.get(above) ?? confidence, confidence));
    }
  }
  return (path) => {
    if (path.length === 0) return basis.length === 1 ? basis[0]!.confidence || null : null;
    const key = path.join(".");
    return own.get(key) ?? inside.get(key) ?? null;
  };
}

/** Columns of a row that the API is not sure of. */
export function lowCells(cells: readonly CellBrief[]): number {
  return cells.filter(({ confidence }) => confidence === "low").length;
}
