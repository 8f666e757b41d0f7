/** Turns results into table cells: columns from a schema, text and confidence per cell. Pure. */
import { isObject, type JsonObject, ownMember } from "../../base/mod.ts";
import type { TaskRunOutput } from "../../parallel/mod.ts";
import type { CellBrief, OutputColumn } from "./events.ts";
import {
  cellOf,
  confidenceByPath,
  fieldNames,
  fieldPaths,
  memberOf,
  type Schema,
  showValue,
} from "../../results/mod.ts";

/** The name of the single column of text results. */
const TEXT_COLUMN = "output";
/** More columns than this are shown only on the run's page. */
const MAX_COLUMNS = 200;

/**
 * Returns one result column per field of the schema. With `flat`, each field of a nested object gets its own
 * column.
 */
export function outputColumns(schema: JsonObject | null, flat = false): OutputColumn[] {
  if (schema === null) return [TEXT];
  const root = { root: schema, node: schema };
  const paths = flat ? fieldPaths(root) : fieldNames(root).map((name) => [name]).values();
  return paths.take(MAX_COLUMNS).map(columnOf).toArray();
}

const TEXT: OutputColumn = { path: [], name: TEXT_COLUMN };

function columnOf(path: readonly string[]): OutputColumn {
  return { path, name: path.join(".") };
}

/**
 * Returns the columns of results without a schema: every field of any result, in order of first appearance.
 */
export function columnsOfOutputs(outputs: Iterable<TaskRunOutput>): OutputColumn[] {
  const columns = new Map<string, OutputColumn>();
  for (const output of outputs) {
    if (columns.size >= MAX_COLUMNS) break;
    const found = output.type === "text"
      ? [TEXT]
      : isObject(output.content)
      ? Object.keys(output.content).map((name) => columnOf([name]))
      : [];
    for (const column of found) columns.set(JSON.stringify(column.path), column);
  }
  return [...columns.values()].slice(0, MAX_COLUMNS);
}

/** Characters shown per cell. Opening a cell shows all of them. */
export const BRIEF_CHARS = 300;

/** Returns a column's value in a result, or `undefined`. */
export function outputValue(output: TaskRunOutput, { path }: OutputColumn): unknown {
  if (output.type === "text") return path.length === 0 ? output.content : undefined;
  return path.reduce<unknown>(ownMember, output.content) ?? undefined;
}

/** Returns the whole text of a column's cell. */
function cellText(output: TaskRunOutput, column: OutputColumn): string {
  return String(cellOf(outputValue(output, column)) ?? "");
}

/** Returns one short cell per column. `root`: the output's JSON schema, which says what numbers count. */
export function cellBriefs(
  output: TaskRunOutput,
  columns: readonly OutputColumn[],
  root: JsonObject | null = null,
): CellBrief[] {
  const confidence = confidenceByPath(output.basis);
  const schema = root === null ? null : { root, node: root };
  return columns.map((column) => {
    const text = brief(cellText(output, column));
    const shown = shownText(outputValue(output, column), column, schema);
    return {
      text,
      confidence: confidence(column.path),
      ...shown !== null && shown !== text ? { shown } : {},
    };
  });
}

/** A value as on the result's page; `null` if that is its own text. */
function shownText(value: unknown, { path, name }: OutputColumn, schema: Schema | null) {
  const { kind, text } = showValue(value, path.reduce(memberOf, schema), name, { brief: true });
  return kind === "none" || kind === "text" || kind === "prose" ? null : text;
}

/** Whether a cell's short text is only the beginning of its value. */
export function isCutBrief(text: string): boolean {
  return text.length >= BRIEF_CHARS && text.endsWith("…");
}

function brief(text: string): string {
  if (text.length <= BRIEF_CHARS) return text;
  const cut = text.slice(0, BRIEF_CHARS);
  // Do not cut a surrogate pair.
  return `${/[\uD800-\uDBFF]$/.test(cut) ? cut.slice(0, -1) : cut}…`;
}
