/**
 * An output schema as rows of fields: what each is called, what it holds, what it is for. Rows are a
 * view: whatever they do not show stays in the schema as it is. Pure: runs in a browser.
 */
import { isObject, isStringArray, nameOf, pointerStep } from "../../base/mod.ts";
import { typesOf } from "./walk.ts";

/** What a field holds, in the schema's own words; `other` is what rows cannot show. */
export const KINDS = ["string", "integer", "number", "boolean", "object"] as const;
export type FieldKind = (typeof KINDS)[number] | "other";

/** One field. */
export interface FieldRow {
  readonly name: string;
  /** JSON pointer of its schema. */
  readonly path: string;
  readonly kind: FieldKind;
  /** A list of what `kind` says. */
  readonly list: boolean;
  /** It may be null as well. */
  readonly nullable: boolean;
  readonly required: boolean;
  readonly description: string;
  /** Keywords that rows do not show and keep as they are. */
  readonly also: readonly string[];
  /** JSON pointer of the object that holds the fields inside; `null` where there are none. */
  readonly inside: string | null;
  readonly fields: readonly FieldRow[];
}

/** Keywords that say what type a field is of; with one of these a row cannot show the field. */
const COMBINING = ["anyOf", "oneOf", "allOf", "not", "if", "$ref", "const", "prefixItems"];
const SHOWN = ["type", "description", "items"];
const SHOWN_OF_OBJECT = ["type", "properties", "required", "additionalProperties"];

/** The fields of an object schema as `readOrdered` reads it, in their order. */
export function rowsOf(schema: unknown, path = ""): FieldRow[] {
  if (!isObject(schema) || !isObject(schema.properties)) return [];
  const required = isStringArray(schema.required) ? schema.required : [];
  return Object.entries(schema.properties).map(([key, field]) => {
    const name = nameOf(key);
    return rowOf(name, field, `${path}/properties${pointerStep(key)}`, required.includes(name));
  });
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

/** What a row shows of a field's type. */
export interface FieldShape {
  readonly kind: FieldKind;
  readonly list: boolean;
  readonly nullable: boolean;
}

const OTHER: FieldShape = { kind: "other", list: false, nullable: false };

/** The shape of a field's schema. */
export function shapeOf(field: unknown): FieldShape {
  if (!isObject(field) || COMBINING.some((key) => Object.hasOwn(field, key))) return OTHER;
  const types = typesOf(field);
  if (types.length === 0) return isObject(field.properties) ? { ...OTHER, kind: "object" } : OTHER;
  const nullable = types.length === 2 && types.includes("null");
  const own = types.filter((type) => type !== "null");
  // A list of types other than "this or null" stays JSON.
  if (own.length !== 1 || (types.length > 1 && !nullable)) return OTHER;
  if (own[0] === "array") {
    const items = shapeOf(field.items);
    const plain = items.kind !== "other" && !items.list && !items.nullable;
    return plain ? { kind: items.kind, list: true, nullable } : OTHER;
  }
  const kind = KINDS.find((each) => each === own[0]);
  return kind === undefined ? OTHER : { kind, list: false, nullable };
}
