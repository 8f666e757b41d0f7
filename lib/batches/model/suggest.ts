/** Drafts an output schema from the headings of empty columns, without the API. Pure. */
import type { JsonObject } from "../../base/mod.ts";
import { BASIS_FIELDS, SCHEMA_PROPERTIES } from "../../parallel/mod.ts";
import { freeName, objectOf, propertyName, propertyOf } from "../../tasks/schema/mod.ts";
import { columnsOfExport, emptyColumns, type Table } from "./table.ts";

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

/** Drafts the schema. Returns `null` if no column with a heading is empty. */
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
