/** What the columns of a table are for: empty ones become fields of the output, others match a batch. Pure. */
import type { JsonObject } from "../../base/mod.ts";
import { BASIS_FIELDS, SCHEMA_PROPERTIES } from "../../parallel/mod.ts";
import { freeName, objectOf, propertyName, propertyOf } from "../../tasks/schema/mod.ts";
import {
  columnsOfExport,
  emptyColumns,
  type Table,
  type TableColumn,
  type TableRow,
} from "./table.ts";

/** A column and the schema property derived from it. */
export interface SuggestedField {
  readonly column: number;
  readonly property: string;
}

export interface SuggestedSchema {
  readonly schema: JsonObject;
  readonly fields: readonly SuggestedField[];
  /** Empty columns left out: every result includes them anyway (such as sources), or there are too many. */
  readonly left_out: readonly string[];
}

/** Drafts an output schema from the headings of empty columns, without the API. Returns `null` if no column with a heading is empty. */
export function suggestSchemaFromColumns(table: Table): SuggestedSchema | null {
  const fields: SuggestedField[] = [];
  const properties: [string, JsonObject][] = [];
  const left_out: string[] = [];
  const used = new Set<string>();
  const added = new Set(columnsOfExport(table));
  for (const column of emptyColumns(table).filter((at) => !added.has(at))) {
    const { name } = table.columns[column]!;
    const property = freeName(propertyName(name), used);
    if (BASIS_FIELDS.includes(property) || properties.length >= SCHEMA_PROPERTIES) {
      left_out.push(name);
      continue;
    }
    fields.push({ column, property });
    properties.push([property, propertyOf(name)]);
  }
  if (fields.length === 0) return null;
  return { schema: objectOf(properties), fields, left_out };
}

/** The rows of another table, as rows of a batch. */
export interface MatchedRows {
  readonly rows: readonly TableRow[];
  /** Columns that only the batch has. */
  readonly missing: readonly string[];
  /** Columns that only the other table has. Their cells are dropped. */
  readonly unknown: readonly string[];
}

/** Matches columns by name. Returns `null` if the tables have no column in common. */
export function matchRows(columns: readonly TableColumn[], table: Table): MatchedRows | null {
  const places = columns.map(({ name }) => table.columns.findIndex((each) => each.name === name));
  if (places.every((place) => place === -1)) return null;
  const pick = <T>(cells: ArrayLike<T>, none: T) => places.map((place) => cells[place] ?? none);
  const names = new Set(columns.map(({ name }) => name));
  return {
    rows: table.rows.map(({ line, cells, kinds }) => ({
      line,
      cells: pick(cells, ""),
      ...kinds === undefined ? {} : { kinds: pick(kinds, "t").join("") },
    })),
    missing: columns.filter((_, at) => places[at] === -1).map(({ name }) => name),
    unknown: table.columns.filter(({ name }) => !names.has(name)).map(({ name }) => name),
  };
}
