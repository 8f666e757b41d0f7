/**
 * `/tasks/:id/table.csv`: a result as rows. The longest list of objects makes the rows, whatever lies
 * beside it stands in each of them; a result without such a list, or with one that makes no table of
 * any use, and a text, is one row. Pure.
 */
import { isNumber, isObject, type JsonObject, ownMember } from "../parallel/json.ts";
import type { FieldBasis, TaskRunOutput } from "../parallel/types.ts";
import { pathKey, stepsOf } from "../results/grounds.ts";
import { columnsOf, isObjectList } from "../results/table.ts";
import type { RunPage } from "../runs/model.ts";
import { type Cell, csvText } from "./csv.ts";
import { SIMULATED } from "./mark.ts";

/** Columns of ours; a result's own field of such a name gets another one. */
const SIMULATION = "simulated";
const CONFIDENCE = "basis.confidence";
const SOURCES = "basis.sources";

/** A value and its place in the result. */
interface Field {
  /** It stands beside the list that makes the rows. */
  readonly isBeside: boolean;
  readonly path: readonly string[];
  readonly cell: Cell;
}

/** Fields by place: two places may have one name, as `a.b` and the `b` of `a` do. */
type Fields = Map<string, Field>;

interface Row {
  readonly fields: Fields;
  /** Where in the content it lies; empty for the whole. */
  readonly path: string;
}

/** The table of a finished run's output. */
export function tableCsv(page: RunPage, output: TaskRunOutput): string {
  const rows = rowsOf(output);
  const columns: Fields = new Map(rows.flatMap(({ fields }) => [...fields]));
  const grounds = basisIndex(output.basis);
  const head = [...columnNames([...columns.values()]), CONFIDENCE, SOURCES];
  const body = rows.map(({ fields, path }) => [
    ...[...columns.keys()].map((place) => fields.get(place)?.cell ?? null),
    confidenceOf(grounds, path),
    [...grounds.urlsUnder(path)].join(" "),
  ]);
  if (!page.run.simulated) return csvText([head, ...body]);
  return csvText([[SIMULATION, ...head], ...body.map((row) => [SIMULATED, ...row])]);
}

/** A name for each column, no two alike. */
function columnNames(columns: readonly Pick<Field, "path" | "isBeside">[]): string[] {
  const own = new Set(columns.filter(({ isBeside }) => !isBeside).map(nameOf));
  // A field of the whole may be named as one of an item.
  const plain = columns.map((column) =>
    column.isBeside && own.has(nameOf(column)) ? `(${nameOf(column)})` : nameOf(column)
  );
  return distinct(plain, columns.map(quotedName), [SIMULATION, CONFIDENCE, SOURCES]);
}

/** Names, each as it is where it is the only one so called, else otherwise, else numbered. */
export function distinct(
  names: readonly string[],
  otherwise: readonly string[],
  taken: readonly string[],
): string[] {
  const uses = new Map<string, number>();
  for (const name of names) uses.set(name, (uses.get(name) ?? 0) + 1);
  const used = new Set(taken);
  return names.map((name, index) => {
    const wanted = (uses.get(name) ?? 0) > 1 ? otherwise[index] ?? name : name;
    let free = wanted;
    for (let n = 2; used.has(free); n++) free = `${wanted} (${n})`;
    used.add(free);
    return free;
  });
}

function nameOf({ path }: Pick<Field, "path">): string {
  return path.join(".");
}

/** Unlike `a.b`, `"a.b"` is one step. */
function quotedName({ path }: Pick<Field, "path">): string {
  return path.map((step) => step.includes(".") ? JSON.stringify(step) : step).join(".");
}

function rowsOf(output: TaskRunOutput): Row[] {
  if (output.type === "text") {
    const text = { isBeside: false, path: ["output"], cell: output.content };
    return [{ fields: new Map([["", text]]), path: "" }];
  }
  const { content } = output;
  const main = mainList(content);
  if (main === null) return [{ fields: flat(content), path: "" }];
  const { name, items } = main;
  const others = Object.entries(content).filter(([key]) => key !== name);
  const beside = flat(Object.fromEntries(others), true);
  if (isTooLarge(items, beside)) return [{ fields: flat(content), path: "" }];
  // Every item's own fields first, in one order for all rows.
  const order = columnsOf(items);
  return items.map((item, index) => {
    const whole = order.map((column) => [column, ownMember(item, column)]);
    const fields = new Map([...flat(Object.fromEntries(whole)), ...beside]);
    return { fields, path: `${name}.${index}` };
  });
}

/** No spreadsheet opens more: fields that differ from item to item multiply with the items. */
const MOST_CELLS = 1_000_000;
/** Of what stands beside the list, repeated in every row (characters). */
const MOST_REPEATED = 10_000_000;

/** Whether the rows would be out of all proportion to the result that they are made of. */
function isTooLarge(items: readonly JsonObject[], beside: Fields): boolean {
  const columns = new Set(beside.keys());
  for (const item of items) {
    for (const column of flat(item).keys()) columns.add(column);
    if (items.length * columns.size > MOST_CELLS) return true;
  }
  const repeated = [...beside.values()].reduce<number>(
    (sum, { cell }) => sum + (typeof cell === "string" ? cell.length : 8),
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
function flat(
  record: JsonObject,
  isBeside = false,
  above: readonly string[] = [],
  into: Fields = new Map(),
): Fields {
  for (const [key, value] of Object.entries(record)) {
    const path = [...above, key];
    if (isObject(value) && Object.keys(value).length > 0) flat(value, isBeside, path, into);
    else into.set(JSON.stringify([isBeside, path]), { isBeside, path, cell: cellOf(value) });
  }
  return into;
}

/** A value as one cell. */
export function cellOf(value: unknown): Cell {
  if (value === null || value === undefined) return null;
  if (typeof value === "string" || typeof value === "boolean") return value;
  if (isNumber(value)) return String(value);
  if (Array.isArray(value) && value.length > 0 && value.every(isListed)) return value.join("; ");
  return JSON.stringify(value);
}

/** What can be told apart in a list with semicolons. */
function isListed(item: unknown): boolean {
  return typeof item === "string"
    ? item !== "" && !/[;\n]/.test(item)
    : isNumber(item) || typeof item === "boolean";
}

/** The grounds of a result, for cells. */
export interface BasisIndex {
  readonly byPath: ReadonlyMap<string, FieldBasis>;
  readonly urlsUnder: (path: string) => ReadonlySet<string>;
}

/** The sources of every place and of all above it. */
export function basisIndex(basis: readonly FieldBasis[]): BasisIndex {
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
export function confidenceOf({ byPath }: BasisIndex, path: string): string {
  const own = path === "" && byPath.size === 1 ? [...byPath.values()][0] : byPath.get(path);
  return own?.confidence ?? "";
}
