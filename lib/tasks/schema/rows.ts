/**
 * An output schema as rows of fields with name, type and description. Rows are a view: anything they do not
 * show stays unchanged in the schema. Pure; runs in a browser.
 */
import { isObject, isStringArray, pointerStep } from "../../base/mod.ts";
import { typesOf } from "./walk.ts";

/** A field's type in the schema's terms; `other` if rows cannot show it. */
export const KINDS = ["string", "integer", "number", "boolean", "object"] as const;
export type FieldKind = (typeof KINDS)[number] | "other";

/** One field. */
export interface FieldRow {
  readonly name: string;
  /** JSON pointer of its schema. */
  readonly path: string;
  readonly kind: FieldKind;
  /** Whether the field is a list of `kind`. */
  readonly list: boolean;
  /** Whether the field may be null. */
  readonly nullable: boolean;
  readonly required: boolean;
  readonly description: string;
  /** Keywords that rows keep but do not show. */
  readonly also: readonly string[];
  /** JSON pointer of the object with the nested fields; `null` if there are none. */
  readonly inside: string | null;
  readonly fields: readonly FieldRow[];
}

/** Keywords that define a type in a way that a row cannot show. */
const COMBINING = ["anyOf", "oneOf", "allOf", "not", "if", "$ref", "const", "prefixItems"];
const SHOWN = ["type", "description", "items"];
const SHOWN_OF_OBJECT = ["type", "properties", "required", "additionalProperties"];

/** The fields of an object schema, in the order of its text. */
export function rowsOf(schema: unknown, path = ""): FieldRow[] {
  if (!isObject(schema) || !isObject(schema.properties)) return [];
  const required = isStringArray(schema.required) ? schema.required : [];
  return Object.entries(schema.properties).map(([name, field]) =>
    rowOf(name, field, `${path}/properties${pointerStep(name)}`, required.includes(name))
  );
}

function rowOf(name: string, field: unknown, path: string, required: boolean): FieldRow {
  const row = { name, path, required, inside: null, fields: [] };
  const { kind, list, nullable } = shapeOf(field);
  if (!isObject(field)) {
    return { ...row, kind, list, nullable, description: "", also: ["(no schema)"] };
  }
  const inner = list && isObject(field.items) ? field.items : field;
  const inside = kind !== "object" ? null : list ? `${path}/items` : path;
  const known = kind === "other" ? ["description"] : [...SHOWN, ...list ? [] : shownOf(kind)];
  return {
    ...row,
    kind,
    list,
    nullable,
    description: typeof field.description === "string" ? field.description : "",
    also: [
      ...Object.keys(field).filter((key) => !known.includes(key)),
      ...inner === field
        ? []
        : Object.keys(inner).filter((key) => !["type", ...shownOf(kind)].includes(key)).map((key) =>
          `items.${key}`
        ),
    ],
    inside,
    fields: inside === null ? [] : rowsOf(inner, inside),
  };
}

function shownOf(kind: FieldKind): readonly string[] {
  return kind === "object" ? SHOWN_OF_OBJECT : [];
}

/** A field's type as a row shows it. */
export interface FieldShape {
  readonly kind: FieldKind;
  readonly list: boolean;
  readonly nullable: boolean;
}

const OTHER: FieldShape = { kind: "other", list: false, nullable: false };

/** Returns the shape of a field's schema. */
export function shapeOf(field: unknown): FieldShape {
  if (!isObject(field) || COMBINING.some((key) => Object.hasOwn(field, key))) return OTHER;
  const types = typesOf(field);
  if (types.length === 0) return isObject(field.properties) ? { ...OTHER, kind: "object" } : OTHER;
  const nullable = types.length === 2 && types.includes("null");
  const own = types.filter((type) => type !== "null");
  // A list of types other than "one type or null" stays JSON.
  if (own.length !== 1 || (types.length > 1 && !nullable)) return OTHER;
  if (own[0] === "array") {
    const items = shapeOf(field.items);
    const plain = items.kind !== "other" && !items.list && !items.nullable;
    return plain ? { kind: items.kind, list: true, nullable } : OTHER;
  }
  const kind = KINDS.find((each) => each === own[0]);
  return kind === undefined ? OTHER : { kind, list: false, nullable };
}
