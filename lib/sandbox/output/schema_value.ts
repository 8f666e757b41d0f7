/**
 * Generates a value for any output schema that the API accepts: nested objects and lists, enums, unions with
 * null, `anyOf`, `oneOf` and `allOf` below the root, `$ref` into `$defs`.
 */
import { BoundedValidator, resolveRef, typesOf } from "../../tasks/schema/mod.ts";
import { inOrder, isObject, isStringArray, type JsonObject } from "../../base/mod.ts";
import type { Random } from "../random.ts";
import type { Topic } from "../script/topic.ts";
import { integerFor, numberFor, textFor } from "./leaf.ts";

/** The inputs for generating a value. */
export interface ValueBrief {
  readonly schema: JsonObject;
  readonly topic: Topic;
  readonly random: Random;
  readonly year: number;
}

/** Number of attempts at a valid value: `not` and `if` can only be met by chance. */
const TRIES = 12;
/**
 * Subschemas to visit over all attempts: a few lines of `$ref`s can describe more than there is time for.
 */
const MAX_WORK = 100_000;

/** Returns an object that satisfies the schema (nearly, if the schema contradicts itself). */
export function valueFor(brief: ValueBrief): JsonObject {
  const isValid = checkerOf(brief.schema);
  const work = { left: MAX_WORK };
  let value: unknown;
  for (let attempt = 0; attempt < TRIES; attempt++) {
    value = make(
      brief.schema,
      "",
      { ...brief, root: brief.schema, index: 0, work },
      brief.random.fork(attempt),
      0,
    );
    if (work.left < 0 || isValid(value)) break;
  }
  return isObject(value) ? value : {};
}

/** Returns whether values fit a schema. Everything fits an unusable or endless one. */
export function checkerOf(schema: JsonObject): (value: unknown) => boolean {
  let validator: BoundedValidator | null = null;
  return (value) => {
    try {
      validator ??= new BoundedValidator(schema);
      return validator.errorsIn(value).length === 0;
    } catch {
      return true;
    }
  };
}

interface Context {
  readonly root: JsonObject;
  readonly topic: Topic;
  readonly year: number;
  /** The index in the nearest list. */
  readonly index: number;
  /** The number of subschemas that may still be visited. */
  readonly work: { left: number };
}

/** Deeper than any schema that the rules allow. Also ends chains of references. */
const DEEPEST = 24;

function make(
  schema: unknown,
  name: string,
  context: Context,
  random: Random,
  level: number,
): unknown {
  if (!isObject(schema) || level > DEEPEST || context.work.left < 0) return null;
  const plain = flatten(schema, context, random, 0);
  if (Object.hasOwn(plain, "const")) return plain.const;
  const type = chooseType(plain, random);
  if (Array.isArray(plain.enum)) {
    const allowed = plain.enum.filter((value) => type === undefined || isOfType(value, type));
    const pool = allowed.length > 0 ? allowed : plain.enum;
    return random.pick(preferFilled(pool));
  }
  const description = typeof plain.description === "string" ? plain.description : "";
  const { topic, year, index } = context;
  const leaf = { name, description, topic, random, year, index };
  switch (type) {
    case "object":
      return makeObject(plain, context, random, level);
    case "array":
      return makeArray(plain, name, context, random, level);
    case "integer":
      return integerFor(leaf);
    case "number":
      return numberFor(leaf);
    case "boolean":
      return random.chance(0.7);
    case "null":
      return null;
    default:
      return textFor(leaf);
  }
}

function makeObject(
  schema: JsonObject,
  context: Context,
  random: Random,
  level: number,
): JsonObject {
  const made: [string, unknown][] = [];
  const properties = isObject(schema.properties) ? schema.properties : {};
  for (const [name, child] of Object.entries(properties)) {
    made.push([name, make(child, name, context, random.fork(name), level + 1)]);
  }
  if (made.length === 0 && isObject(schema.additionalProperties)) {
    for (const name of context.topic.words.slice(0, 2)) {
      made.push([
        name,
        make(schema.additionalProperties, name, context, random.fork(name), level + 1),
      ]);
    }
  }
  // Do not assign: a property may be called __proto__.
  return inOrder(made);
}

function makeArray(
  schema: JsonObject,
  name: string,
  context: Context,
  random: Random,
  level: number,
): unknown[] {
  const singular = name.replace(/ies$/, "y").replace(/s$/, "");
  const item = (child: unknown, index: number) =>
    make(child, singular, { ...context, index }, random.fork(index), level + 1);
  if (Array.isArray(schema.prefixItems)) return schema.prefixItems.map(item);
  if (schema.items === false) return [];
  const items = isObject(schema.items) ? schema.items : { type: "string" };
  const count = level > 2 ? random.int(1, 2) : random.int(2, 4);
  if (Array.isArray(items.enum)) return random.sample(preferFilled(items.enum), count);
  return Array.from({ length: count }, (_, index) => item(items, index));
}

/** Merges references, `allOf` and one alternative of each union into the schema. */
function flatten(
  schema: JsonObject,
  context: Pick<Context, "root" | "work">,
  random: Random,
  depth: number,
): JsonObject {
  if (depth > DEEPEST || --context.work.left < 0) return schema;
  const { $ref, allOf, anyOf, oneOf, ...own } = schema;
  let plain: JsonObject = own;
  const add = (other: unknown) => {
    if (isObject(other)) plain = merge(plain, flatten(other, context, random, depth + 1));
  };
  if (typeof $ref === "string") add(resolveRef(context.root, $ref));
  if (Array.isArray(allOf)) allOf.forEach(add);
  for (const union of [anyOf, oneOf]) {
    if (Array.isArray(union) && union.length > 0) add(chooseAlternative(union, plain, random));
  }
  return plain;
}

/** Rarely picks null, and never an alternative whose type the rest of the schema excludes. */
function chooseAlternative(union: readonly unknown[], own: JsonObject, random: Random): unknown {
  const types = typesOf(own);
  const possible = union.filter((each) => {
    const others = isObject(each) ? typesOf(each) : [];
    return types.length === 0 || others.length === 0 || meet(types, others).length > 0;
  });
  const pool = possible.length > 0 ? possible : union;
  const filled = pool.filter((each) => !(isObject(each) && each.type === "null"));
  return random.pick(filled.length > 0 && random.chance(0.9) ? filled : pool);
}

function merge(a: JsonObject, b: JsonObject): JsonObject {
  const merged: JsonObject = { ...a, ...b };
  if (a.description !== undefined) merged.description = a.description;
  if (a.type !== undefined && b.type !== undefined) {
    const types = meet(typesOf(a), typesOf(b));
    merged.type = types.length > 0 ? types : b.type;
  }
  if (isObject(a.properties) && isObject(b.properties)) {
    const both = Object.entries(b.properties).map(([name, child]) => {
      const other = isObject(a.properties) && Object.hasOwn(a.properties, name)
        ? a.properties[name]
        : null;
      return [name, other === null ? child : { allOf: [other, child] }] as const;
    });
    merged.properties = inOrder([...Object.entries(a.properties), ...both]);
  }
  if (isStringArray(a.required) && isStringArray(b.required)) {
    merged.required = [...new Set([...a.required, ...b.required])];
  }
  if (Array.isArray(a.enum) && Array.isArray(b.enum)) {
    const known = new Set(b.enum.map((value) => JSON.stringify(value)));
    merged.enum = a.enum.filter((value) => known.has(JSON.stringify(value)));
  }
  return merged;
}

/** Returns the types that both allow. An integer is a number. */
function meet(a: readonly string[], b: readonly string[]): string[] {
  const both = a.filter((type) => b.includes(type));
  const integer = (a.includes("integer") && b.includes("number")) ||
    (a.includes("number") && b.includes("integer"));
  return integer && !both.includes("integer") ? [...both, "integer"] : both;
}

function chooseType(schema: JsonObject, random: Random): string | undefined {
  const types = typesOf(schema);
  if (types.length === 0) {
    if (Array.isArray(schema.enum)) return undefined;
    if (isObject(schema.properties)) return "object";
    return schema.items !== undefined || schema.prefixItems !== undefined ? "array" : "string";
  }
  const filled = types.filter((type) => type !== "null");
  return random.pick(filled.length > 0 && random.chance(0.9) ? filled : types);
}

function isOfType(value: unknown, type: string): boolean {
  switch (type) {
    case "object":
      return isObject(value);
    case "array":
      return Array.isArray(value);
    case "integer":
      return Number.isInteger(value);
    case "null":
      return value === null;
    case "number":
      return typeof value === "number";
    case "boolean":
      return typeof value === "boolean";
    default:
      return typeof value === "string";
  }
}

function preferFilled<T>(values: readonly T[]): readonly T[] {
  const filled = values.filter((value) => value !== null);
  return filled.length > 0 ? filled : values;
}
