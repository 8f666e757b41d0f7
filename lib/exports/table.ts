/**
 * `/tasks/:id/table.csv`: a result as rows. The longest list of objects becomes the rows, and each row
 * repeats the values beside that list. A text, or a result without a list that makes a useful table, is one
 * row. Pure.
 */
import { inOrder, isObject, type JsonObject, ownMember } from "../base/mod.ts";
import type { FieldBasis, TaskRunOutput } from "../parallel/mod.ts";
import { cellOf, columnsOf, isObjectList, pathKey, stepsOf } from "../results/mod.ts";
import type { RunPage } from "../runs/model/mod.ts";
import { type Cell, csvPieces, SIMULATED } from "./csv.ts";

/** The columns that this app adds. A result's field with such a name is renamed. */
const SIMULATION = "simulated";
const CONFIDENCE = "basis.confidence";
const SOURCES = "basis.sources";

/** A value and its path in the result. */
interface Field {
  /** Whether the value is outside the list that makes the rows. */
  readonly isBeside: boolean;
  readonly path: readonly string[];
  readonly cell: Cell;
}

/** Fields by path: two paths may have one name, such as `a.b` and the `b` of `a`. */
type Fields = Map<string, Field>;

interface Row {
  readonly fields: Fields;
  /** The list's path in the content; empty for the whole content. */
  readonly path: string;
}

/** Yields the table of a finished run's output in pieces. Empty pieces are pauses. */
export function* tableCsv(page: RunPage, output: TaskRunOutput): Generator<string> {
  const rows: Row[] = [];
  yield* rowsOf(output, rows);
  const columns: Fields = new Map();
  for (const { fields } of rows) {
    for (const [place, field] of fields) columns.set(place, field);
    yield "";
  }
  const basisIndex = yield* basisAt(output.basis, rows.map(({ path }) => path));
  const head = [...yield* columnNames([...columns.values()]), CONFIDENCE, SOURCES];
  const { simulated } = page.run;
  yield* csvPieces([simulated ? [SIMULATION, ...head] : head]);
  for (const { fields, path } of rows) {
    const cells: Cell[] = simulated ? [SIMULATED] : [];
    for (const place of columns.keys()) cells.push(fields.get(place)?.cell ?? null);
    cells.push(confidenceOf(basisIndex, path), sourcesOf(basisIndex, path));
    yield* csvPieces([cells]);
  }
}

/** Gives each column a unique name. */
function* columnNames(columns: readonly Field[]): Generator<"", string[]> {
  const own = new Set(columns.filter(({ isBeside }) => !isBeside).map(nameOf));
  // A field of the result may have the same name as one of an item.
  const plain = columns.map((column) =>
    column.isBeside && own.has(nameOf(column)) ? `(${nameOf(column)})` : nameOf(column)
  );
  yield "";
  const quoted = columns.map(quotedName);
  yield "";
  return distinctNames(plain, quoted, [SIMULATION, CONFIDENCE, SOURCES]);
}

/** Returns each name as it is if unique, else the alternative, else numbered. */
export function distinctNames(
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

function nameOf({ path }: Field): string {
  return path.join(".");
}

/** Unlike `a.b`, `"a.b"` is one step. */
function quotedName({ path }: Field): string {
  return path.map((step) => step.includes(".") ? JSON.stringify(step) : step).join(".");
}

function* rowsOf(output: TaskRunOutput, rows: Row[]): Generator<""> {
  if (output.type === "text") {
    const text = { isBeside: false, path: ["output"], cell: output.content };
    rows.push({ fields: new Map([["", text]]), path: "" });
    return;
  }
  const { content } = output;
  const main = mainList(content);
  // Listing the members of a very large object takes time.
  yield "";
  if (main !== null) {
    const { name, items } = main;
    const others = Object.entries(content).filter(([key]) => key !== name);
    const beside: Fields = new Map();
    yield* flat(inOrder(others), beside, true);
    // Put each item's own fields first, in one order for all rows.
    const order = columnsOf(items);
    const columns = new Set(beside.keys());
    for (const [index, item] of items.entries()) {
      const fields: Fields = new Map();
      for (const column of order) yield* flat({ [column]: ownMember(item, column) }, fields);
      for (const place of fields.keys()) columns.add(place);
      if (items.length * columns.size > MAX_CELLS) break;
      for (const [place, field] of beside) fields.set(place, field);
      rows.push({ fields, path: `${name}.${index}` });
      yield "";
    }
    if (rows.length === items.length && !isRepeatedTooOften(items, beside)) return;
    rows.length = 0;
  }
  const fields: Fields = new Map();
  yield* flat(content, fields);
  rows.push({ fields, path: "" });
}

/** The most cells of a table. Fields that differ between items multiply with the items. */
const MAX_CELLS = 1_000_000;
/** The limit on values outside the list, which every row repeats (characters). */
const MAX_REPEATED = 10_000_000;

/** Returns whether the rows would be far larger than the result they come from. */
function isRepeatedTooOften(items: readonly JsonObject[], beside: Fields): boolean {
  let repeated = 0;
  for (const { cell } of beside.values()) repeated += typeof cell === "string" ? cell.length : 8;
  return items.length * repeated > MAX_REPEATED;
}

/** Finds the longest list of objects among the top-level fields. */
function mainList(
  content: JsonObject,
): { readonly name: string; readonly items: readonly JsonObject[] } | null {
  let main: { name: string; items: readonly JsonObject[] } | null = null;
  for (const name of Object.keys(content)) {
    const value = content[name];
    if (isObjectList(value) && value.length > (main?.items.length ?? 0)) {
      main = { name, items: value };
    }
  }
  return main;
}

/** Values to process before a pause. */
const STRIDE = 256;

/** Nested objects become columns `a.b`, lists of words become one cell, and other lists their JSON. */
function* flat(
  record: JsonObject,
  into: Fields,
  isBeside = false,
  above: readonly string[] = [],
): Generator<""> {
  for (const key of Object.keys(record)) {
    const value = record[key];
    const path = [...above, key];
    if (isObject(value) && Object.keys(value).length > 0) yield* flat(value, into, isBeside, path);
    else into.set(JSON.stringify([isBeside, path]), { isBeside, path, cell: cellOf(value) });
    if (into.size % STRIDE === 0) yield "";
  }
}

/**
 * The spelling of each path in a basis. `a.b` may also be one name. If several paths share a spelling, the one that
 * alone occurs in the content gets it.
 */
export function placesIn(
  content: unknown,
  paths: readonly (readonly string[])[],
): (string | null)[] {
  const places = paths.map((path) => path.join("."));
  const uses = new Map<string, number>(), found = new Map<string, number>();
  const isFound = paths.map((path, at) => {
    const place = places[at]!, has = hasPath(content, path);
    uses.set(place, (uses.get(place) ?? 0) + 1);
    if (has) found.set(place, (found.get(place) ?? 0) + 1);
    return has;
  });
  return places.map((place, at) =>
    uses.get(place) === 1 || (isFound[at] && found.get(place) === 1) ? place : null
  );
}

function hasPath(content: unknown, path: readonly string[]): boolean {
  let value = content;
  for (const step of path) {
    if (!isObject(value) || !Object.hasOwn(value, step)) return false;
    value = value[step];
  }
  return true;
}

/** The basis of some paths of a result, for cells. */
export interface CellBasis {
  /** All basis entries, by path. */
  readonly byPath: ReadonlyMap<string, FieldBasis>;
  /** The pages cited for each path and the paths below it. */
  readonly urls: ReadonlyMap<string, ReadonlySet<string>>;
}

/** Gathers the basis of these paths. */
export function* basisAt(
  basis: readonly FieldBasis[],
  places: Iterable<string | null>,
): Generator<"", CellBasis> {
  const byPath = new Map<string, FieldBasis>();
  const urls = new Map<string, Set<string>>();
  for (const place of places) if (place !== null) urls.set(place, new Set());
  let looked = 0;
  for (const entry of basis) {
    byPath.set(pathKey(entry.field), entry);
    const steps = stepsOf(entry.field) ?? [];
    for (let length = 0; length <= steps.length && steps.length > 0; length++) {
      const own = urls.get(steps.slice(0, length).join("."));
      if (own === undefined) continue;
      for (const { url } of entry.citations ?? []) {
        own.add(url);
        if (++looked % STRIDE === 0) yield "";
      }
    }
    if (++looked % STRIDE === 0) yield "";
  }
  return { byPath, urls };
}

/**
 * The API's confidence in exactly this path, or for a whole result in its only field. Never derived from other
 * paths.
 */
function confidenceOf({ byPath }: CellBasis, path: string): string {
  const own = path === "" && byPath.size === 1 ? [...byPath.values()][0] : byPath.get(path);
  return own?.confidence ?? "";
}

/** The pages of a path in one cell. */
export function sourcesOf({ urls }: CellBasis, path: string | null): string {
  return [...path === null ? [] : urls.get(path) ?? []].join(" ");
}
