/**
 * Edits of a schema from its rows. Each returns a new schema that differs only in the edited part. An unknown
 * path changes nothing. Pure.
 */
import { atPointer, inOrder, isObject, isStringArray, type JsonObject } from "../../base/mod.ts";
import { type FieldShape, shapeOf } from "./rows.ts";
import { typesOf } from "./walk.ts";

/** An object without fields, closed as the API requires. */
export const EMPTY_SCHEMA: JsonObject = {
  type: "object",
  properties: {},
  required: [],
  additionalProperties: false,
};

/** Adds a required text field with an unused name to the object at a pointer. */
export function addField(schema: JsonObject, object: string): JsonObject {
  return updateAt(schema, object, (owner) => {
    const properties = isObject(owner.properties) ? owner.properties : {};
    let name = "field";
    for (let n = 2; Object.hasOwn(properties, name); n++) name = `field_${n}`;
    return {
      ...owner,
      properties: inOrder([...Object.entries(properties), [name, { type: "string" }]]),
      required: [...isStringArray(owner.required) ? owner.required : [], name],
      additionalProperties: owner.additionalProperties ?? false,
    };
  });
}

/** Removes a field. */
export function removeField(schema: JsonObject, field: string): JsonObject {
  return updateOwner(schema, field, (owner, name, entries) => ({
    ...owner,
    properties: inOrder(entries.filter(([each]) => each !== name)),
    ...isStringArray(owner.required)
      ? { required: owner.required.filter((each) => each !== name) }
      : {},
  }));
}

/** Renames a field in place. Does nothing if the name is taken or empty. */
export function renameField(schema: JsonObject, field: string, to: string): JsonObject {
  return updateOwner(schema, field, (owner, name, entries) => {
    if (to === "" || entries.some(([each]) => each === to)) return owner;
    const renamed = (each: string) => each === name ? to : each;
    return {
      ...owner,
      properties: inOrder(entries.map(([each, value]) => [renamed(each), value])),
      ...isStringArray(owner.required) ? { required: owner.required.map(renamed) } : {},
    };
  });
}

/** Moves a field up (-1) or down (1) among its neighbours. */
export function moveField(schema: JsonObject, field: string, by: -1 | 1): JsonObject {
  return updateOwner(schema, field, (owner, name, entries) => {
    const from = entries.findIndex(([each]) => each === name);
    const to = from + by;
    if (to < 0 || to >= entries.length) return owner;
    const moved = entries.toSpliced(from, 1).toSpliced(to, 0, entries[from]!);
    return { ...owner, properties: inOrder(moved) };
  });
}

/** Sets whether a field is required. */
export function setRequired(schema: JsonObject, field: string, required: boolean): JsonObject {
  return updateOwner(schema, field, (owner, name) => {
    const now = isStringArray(owner.required) ? owner.required : [];
    if (now.includes(name) === required) return owner;
    return { ...owner, required: required ? [...now, name] : now.filter((each) => each !== name) };
  });
}

/** Sets a field's description. An empty text removes it. */
export function setDescription(schema: JsonObject, field: string, description: string): JsonObject {
  return updateAt(schema, field, (own) => {
    if (description !== "") return { ...own, description };
    const { description: _, ...rest } = own;
    return rest;
  });
}

/** Keywords that a change of type removes. */
const STRUCTURE = [
  "type",
  "items",
  "prefixItems",
  "properties",
  "required",
  "additionalProperties",
  "anyOf",
  "oneOf",
  "allOf",
  "not",
  "if",
  "then",
  "else",
  "$ref",
  "const",
  "enum",
];

/** Changes a field's shape and keeps everything that still applies. */
export function setShape(schema: JsonObject, field: string, shape: FieldShape): JsonObject {
  return updateAt(schema, field, (own) => {
    const now = shapeOf(own);
    if (shape.kind === "other") return own;
    if (now.kind !== shape.kind) return reshaped(own, shape);
    let changed = own;
    if (now.list !== shape.list) changed = shape.list ? wrapped(own) : unwrapped(own);
    return shapeOf(changed).nullable === shape.nullable
      ? changed
      : withNull(changed, shape.nullable);
  });
}

/** Remembers what changes of shape removed, so changing back restores it. */
export class ShapeMemory {
  /** By pointer: a field's earlier schemas, and its latest one. */
  readonly #fields = new Map<
    string,
    { readonly had: readonly JsonObject[]; readonly left: JsonObject }
  >();

  /** Forgets fields that the schema does not have: a later field of the same name is another one. */
  keep(schema: JsonObject) {
    this.#fields.forEach((_, field) => {
      if (!isObject(atPointer(schema, field))) this.#fields.delete(field);
    });
  }

  /** Moves the memory of a field and its nested fields to the field's new pointer. */
  rename(field: string, to: string) {
    for (const [at, kept] of [...this.#fields]) {
      if (at !== field && !at.startsWith(`${field}/`)) continue;
      this.#fields.delete(at);
      this.#fields.set(to + at.slice(field.length), kept);
    }
  }

  /** Like {@linkcode setShape}, but an earlier shape is restored with all its content. */
  setShape(schema: JsonObject, field: string, shape: FieldShape): JsonObject {
    const own = atPointer(schema, field);
    if (!isObject(own)) return schema;
    const kept = this.#fields.get(field);
    const had = kept !== undefined && sameButDescription(kept.left, own) ? kept.had : [];
    const before = had.findLast((each) => isSame(shapeOf(each), shape));
    const back =
      before !== undefined && kept !== undefined && kept.left.description !== own.description
        ? { ...before, description: own.description }
        : before;
    const next = back === undefined
      ? setShape(schema, field, shape)
      : updateAt(schema, field, () => back);
    const left = atPointer(next, field);
    if (isObject(left)) this.#fields.set(field, { had: [...had, own].slice(-SHAPES), left });
    return next;
  }
}

/** Shapes to remember per field. */
const SHAPES = 8;

function sameButDescription(one: JsonObject, other: JsonObject): boolean {
  const rest = ({ description: _, ...rest }: JsonObject) => JSON.stringify(rest);
  return rest(one) === rest(other);
}

function isSame(one: FieldShape, other: FieldShape): boolean {
  return one.kind === other.kind && one.list === other.list && one.nullable === other.nullable;
}

function reshaped(own: JsonObject, { kind, list, nullable }: FieldShape): JsonObject {
  const rest = Object.entries(own).filter(([key]) => !STRUCTURE.includes(key));
  const inner = kind === "object" ? EMPTY_SCHEMA : { type: kind };
  const bare = list ? { type: "array", items: inner } : inner;
  const { type, ...more } = bare;
  return { type: nullable ? [type, "null"] : type, ...Object.fromEntries(rest), ...more };
}

/** Wraps a field in a list. The description moves to the list. */
function wrapped(own: JsonObject): JsonObject {
  const { description, ...items } = own;
  const { nullable } = shapeOf(own);
  return {
    type: nullable ? ["array", "null"] : "array",
    ...description === undefined ? {} : { description },
    items: nullable ? withNull(items, false) : items,
  };
}

/** Replaces a list by its items. */
function unwrapped(own: JsonObject): JsonObject {
  const items = isObject(own.items) ? own.items : {};
  const description = own.description ?? items.description;
  const { description: _, ...rest } = items;
  const one: JsonObject = {};
  for (const [key, value] of Object.entries(rest)) {
    one[key] = value;
    if (key === "type" && description !== undefined) one.description = description;
  }
  const described = description === undefined ? one : { ...one, description };
  return shapeOf(own).nullable ? withNull(described, true) : described;
}

function withNull(own: JsonObject, nullable: boolean): JsonObject {
  const [type] = typesOf(own).filter((each) => each !== "null");
  const changed: JsonObject = { ...own, type: nullable ? [type ?? "object", "null"] : type };
  // An enum lists every allowed value, including null.
  if (Array.isArray(own.enum)) {
    const values = own.enum.filter((each) => each !== null);
    changed.enum = nullable ? [...values, null] : values;
  }
  return changed;
}

type Entries = readonly (readonly [name: string, schema: unknown])[];

/** Changes the parent object of the field at a pointer. */
function updateOwner(
  schema: JsonObject,
  field: string,
  change: (owner: JsonObject, name: string, entries: Entries) => JsonObject,
): JsonObject {
  const steps = stepsOf(field);
  const name = steps.at(-1);
  if (name === undefined || steps.at(-2) !== "properties") return schema;
  return updateIn(schema, steps.slice(0, -2), (owner) => {
    const { properties } = owner;
    if (!isObject(properties) || !Object.hasOwn(properties, name)) return owner;
    return change(owner, name, Object.entries(properties));
  });
}

type Change = (own: JsonObject) => JsonObject;

/** Changes only the object at a pointer. */
function updateAt(root: JsonObject, pointer: string, change: Change): JsonObject {
  return updateIn(root, stepsOf(pointer), change);
}

function updateIn(root: JsonObject, [step, ...rest]: string[], change: Change): JsonObject {
  if (step === undefined) return change(root);
  if (!Object.hasOwn(root, step)) return root;
  const child = root[step];
  if (!isObject(child)) return root;
  const changed = updateIn(child, rest, change);
  return inOrder(
    Object.entries(root).map(([name, value]) => [name, name === step ? changed : value]),
  );
}

function stepsOf(pointer: string): string[] {
  return pointer.split("/").slice(1).map((step) =>
    step.replaceAll("~1", "/").replaceAll("~0", "~")
  );
}
