/**
 * `/tasks/:id/table.csv`: a result as rows. The longest list of objects makes the rows, whatever lies
 * beside it stands in each of them; a result without such a list, or with one that makes no table of
 * any use, and a text, is one row. Pure.
 */
import { isNumber, isObject, type JsonObject } from "../parallel/json.ts";
import type { FieldBasis, TaskRunOutput } from "../parallel/types.ts";
import { pathKey, stepsOf } from "../results/grounds.ts";
import { columnsOf, isObjectList } from "../results/table.ts";
import type { RunPage } from "../runs/model.ts";
import { type Cell, csvText } from "./csv.ts";
import { SIMULATED } from "./mark.ts";

/** Columns of ours, which a result's own field names are unlikely to be. */
const CONFIDENCE = "basis.confidence";
const SOURCES = "basis.sources";

interface Row {
  readonly cells: ReadonlyMap<string, Cell>;
  /** Where in the content it lies; empty for the whole. */
  readonly path: string;
}

/** The table of a finished run's output. */
export function tableCsv(page: RunPage, output: TaskRunOutput): string {
  const rows = rowsOf(output);
  const columns = [...new Set(rows.flatMap(({ cells }) => [...cells.keys()]))];
  const grounds = basisIndex(output.basis);
  const head = [...columns, CONFIDENCE, SOURCES];
  const body = rows.map(({ cells, path }) => [
    ...columns.map((column) => cells.get(column) ?? null),
    confidenceOf(grounds, path),
    [...grounds.urlsUnder(path)].join(" "),
  ]);
  if (!page.run.simulated) return csvText([head, ...body]);
  return csvText([["simulated", ...head], ...body.map((row) => [SIMULATED, ...row])]);
}

function rowsOf(output: TaskRunOutput): Row[] {
  if (output.type === "text") return [{ cells: new Map([["output", output.content]]), path: "" }];
  const { content } = output;
  const main = mainList(content);
  if (main === null) return [{ cells: flat(content), path: "" }];
  const { name, items } = main;
  const beside = flat(Object.fromEntries(Object.entries(content).filter(([key]) => key !== name)));
  if (isTooLarge(items, beside)) return [{ cells: flat(content), path: "" }];
  // Every item's own fields first, in one order for all rows.
  const order = columnsOf(items);
  return items.map((item, index) => {
    const own = flat(Object.fromEntries(order.map((column) => [column, item[column] ?? null])));
    // A field of the whole may be named as one of an item.
    const rest = [...beside].map(([key, cell]): [string, Cell] => [
      own.has(key) ? `(${key})` : key,
      cell,
    ]);
    return { cells: new Map([...own, ...rest]), path: `${name}.${index}` };
  });
}

/** No spreadsheet opens more: fields that differ from item to item multiply with the items. */
const MOST_CELLS = 1_000_000;
/** Of what stands beside the list, repeated in every row (characters). */
const MOST_REPEATED = 10_000_000;

/** Whether the rows would be out of all proportion to the result that they are made of. */
function isTooLarge(items: readonly JsonObject[], beside: ReadonlyMap<string, Cell>): boolean {
  const columns = new Set(beside.keys());
  for (const item of items) {
    for (const column of flat(item).keys()) columns.add(column);
    if (items.length * columns.size > MOST_CELLS) return true;
  }
  const repeated = [...beside.values()].reduce<number>(
    (sum, cell) => sum + (typeof cell === "string" ? cell.length : 8),
    0,
  );
  return items.length * repeated > MOST_REPEATED;
}

/** The longest list of objects among the top-level fields. */
function mainList(
  content: JsonObject,
): { readonly name: string; readonly items: readonly JsonObject[] } | null {
  let main: { name: string; items: readonly JsonObject[] } | null = null;
  for (const [name, value] of Object.entries(content)) {
    if (isObjectList(value) && value.length > (main?.items.length ?? 0)) {
      main = { name, items: value };
    }
  }
  return main;
}

/** Nested objects become columns `a.b`; lists of words one cell, other lists their JSON. */
function flat(record: JsonObject, prefix = "", into = new Map<string, Cell>()): Map<string, Cell> {
  for (const [key, value] of Object.entries(record)) {
    const name = `${prefix}${key}`;
    if (isObject(value) && Object.keys(value).length > 0) flat(value, `${name}.`, into);
    else into.set(name, cellOf(value));
  }
  return into;
}

function cellOf(value: unknown): Cell {
  if (Array.isArray(value)) {
    return value.some((item) => Array.isArray(item) || isObject(item))
      ? JSON.stringify(value)
      : value.join("; ");
  }
  if (value === null || value === undefined) return null;
  if (typeof value === "string" || typeof value === "boolean") return value;
  if (isNumber(value)) return String(value);
  return JSON.stringify(value);
}

interface BasisIndex {
  readonly byPath: ReadonlyMap<string, FieldBasis>;
  readonly urlsUnder: (path: string) => ReadonlySet<string>;
}

/** The sources of every place and of all above it. */
function basisIndex(basis: readonly FieldBasis[]): BasisIndex {
  const urls = new Map<string, Set<string>>();
  for (const { field, citations } of basis) {
    const steps = stepsOf(field);
    if (steps === null) continue;
    for (let length = 0; length <= steps.length; length++) {
      const place = steps.slice(0, length).join(".");
      const own = urls.get(place) ?? new Set();
      urls.set(place, own);
      for (const { url } of citations ?? []) own.add(url);
    }
  }
  return {
    byPath: new Map(basis.map((entry) => [pathKey(entry.field), entry])),
    urlsUnder: (path) => urls.get(path) ?? new Set(),
  };
}

/** What the API says of the very place; of a whole, of its only field. Never made up from others. */
function confidenceOf({ byPath }: BasisIndex, path: string): string {
  const own = path === "" && byPath.size === 1 ? [...byPath.values()][0] : byPath.get(path);
  return own?.confidence ?? "";
}
