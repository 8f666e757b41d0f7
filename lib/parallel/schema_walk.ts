/**
 * Walks a JSON schema of unknown shape: every subschema once, with its place. Pure.
 */
import { atPointer, isObject, type JsonObject, pointerStep } from "./json.ts";

const MAPS = ["properties", "$defs", "definitions"];
const LISTS = ["anyOf", "oneOf", "allOf", "prefixItems"];
const SINGLES = ["items", "additionalProperties", "not", "if", "then", "else"];

/** A subschema and where it stands. */
export interface SchemaNode {
  readonly schema: JsonObject;
  /** JSON pointer from the root. */
  readonly path: string;
  /** One of the alternatives of `anyOf` or `oneOf`. */
  readonly alternative: boolean;
}

/** A subschema that is no schema at all. */
export interface BadNode {
  readonly path: string;
  readonly value: unknown;
}

/** Every subschema of the root, itself first. */
export function* walkSchema(
  schema: unknown,
  path = "",
  alternative = false,
): Generator<SchemaNode | BadNode> {
  if (!isObject(schema)) {
    yield { path, value: schema };
    return;
  }
  yield { schema, path, alternative };
  for (const key of MAPS) {
    const map = schema[key];
    if (!isObject(map)) continue;
    for (const [name, child] of Object.entries(map)) {
      yield* walkSchema(child, `${path}/${key}${pointerStep(name)}`);
    }
  }
  for (const key of LISTS) {
    const list = schema[key];
    if (!Array.isArray(list)) continue;
    for (const [index, child] of list.entries()) {
      yield* walkSchema(child, `${path}/${key}/${index}`, key === "anyOf" || key === "oneOf");
    }
  }
  for (const key of SINGLES) {
    const child = schema[key];
    if (child === undefined || typeof child === "boolean") continue;
    yield* walkSchema(child, `${path}/${key}`);
  }
}

/** The types that a schema allows; empty where it does not say. */
export function typesOf(schema: JsonObject): string[] {
  const { type } = schema;
  if (typeof type === "string") return [type];
  return Array.isArray(type) ? type.filter((each) => typeof each === "string") : [];
}

/** Whether values of this schema are (also) objects. */
function describesObject(schema: JsonObject): boolean {
  return typesOf(schema).includes("object") || isObject(schema.properties);
}

/** What a `$ref` stands for; `null` where it leads nowhere inside this schema. */
export function resolveRef(root: JsonObject, ref: string): JsonObject | null {
  if (ref !== "#" && !ref.startsWith("#/")) return null;
  let pointer: string;
  try {
    pointer = decodeURIComponent(ref.slice(1));
  } catch {
    return null;
  }
  const target = atPointer(root, pointer);
  return isObject(target) ? target : null;
}

/** The longest chain of objects in objects, references followed; `Infinity` where one leads back. */
export function depthOf(root: JsonObject): number {
  const known = new Map<JsonObject, number>();
  const open = new Set<JsonObject>();
  const measure = (schema: unknown): number => {
    if (!isObject(schema)) return 0;
    if (open.has(schema)) return Infinity;
    const before = known.get(schema);
    if (before !== undefined) return before;
    open.add(schema);
    const children = [
      ...(isObject(schema.properties) ? Object.values(schema.properties) : []),
      ...LISTS.flatMap((key) => {
        const list = schema[key];
        return Array.isArray(list) ? list : [];
      }),
      schema.items,
      schema.additionalProperties,
      typeof schema.$ref === "string" ? resolveRef(root, schema.$ref) : null,
    ];
    const isOne = describesObject(schema) ? 1 : 0;
    const depth = isOne + children.reduce<number>((most, each) => Math.max(most, measure(each)), 0);
    open.delete(schema);
    known.set(schema, depth);
    return depth;
  };
  return measure(root);
}
