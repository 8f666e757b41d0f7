/** Walks any JSON schema: visits every subschema once, with its place. Pure. */
import {
  atPointer,
  isObject,
  isStringArray,
  type JsonObject,
  pointerStep,
} from "../../base/mod.ts";

const MAPS = ["properties", "$defs", "definitions", "dependentSchemas", "dependencies"];
const LISTS = ["anyOf", "oneOf", "allOf", "prefixItems"];
const SINGLES = [
  "items",
  "additionalItems",
  "additionalProperties",
  "not",
  "if",
  "then",
  "else",
  "contentSchema",
];
/** Keywords whose schemas describe the same value as their parent. */
const IN_PLACE = ["anyOf", "oneOf", "allOf", "not", "if", "then", "else", "dependentSchemas"];
/** Keywords whose schemas describe nested values. */
const INSIDE = ["properties", "items", "prefixItems", "additionalItems", "additionalProperties"];
/** Null may be the only type in an alternative, a negation, or a definition that an alternative refers to. */
const NULLABLE = ["anyOf", "oneOf", "not", "if", "$defs", "definitions"];

/** A subschema and its place. */
export interface SchemaNode {
  readonly schema: JsonObject;
  /** JSON pointer from the root. */
  readonly path: string;
  /** An alternative of `anyOf` or `oneOf`, a condition or a definition. It may allow only null. */
  readonly alternative: boolean;
}

/** A subschema that is not a schema. */
export interface BadNode {
  readonly path: string;
  readonly value: unknown;
}

/** Yields every subschema, the root first. Skips the boolean schemas `true` and `false`. */
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
  for (const key of [...MAPS, ...LISTS, ...SINGLES]) {
    for (const [step, child] of childrenOf(schema, key)) {
      // A list of names is not a schema. `dependencies` of older drafts allows both.
      if (typeof child === "boolean" || (key === "dependencies" && isStringArray(child))) continue;
      yield* walkSchema(child, `${path}/${key}${step}`, NULLABLE.includes(key));
    }
  }
}

/** The schemas under a keyword, with the rest of their pointers. */
function childrenOf(schema: JsonObject, key: string): (readonly [step: string, child: unknown])[] {
  const value = schema[key];
  if (value === undefined) return [];
  if (MAPS.includes(key)) {
    return isObject(value)
      ? Object.entries(value).map(([name, child]) => [pointerStep(name), child])
      : [];
  }
  // Older drafts write tuples as a list of items.
  if (Array.isArray(value) && (LISTS.includes(key) || key === "items")) {
    return value.map((child, index) => [`/${index}`, child]);
  }
  return LISTS.includes(key) ? [] : [["", value]];
}

/** The types that a schema allows; empty if it does not specify any. */
export function typesOf(schema: JsonObject): string[] {
  const { type } = schema;
  if (typeof type === "string") return [type];
  return Array.isArray(type) ? type.filter((each) => typeof each === "string") : [];
}

/** Whether values of this schema may be objects. */
function describesObject(schema: JsonObject): boolean {
  return typesOf(schema).includes("object") || isObject(schema.properties);
}

/** Resolves a `$ref`: a pointer, an `$anchor` or an `$id` in this schema; `null` if it does not resolve. */
export function resolveRef(root: JsonObject, ref: string): JsonObject | null {
  const hash = ref.indexOf("#");
  const base = hash === -1 ? ref : ref.slice(0, hash);
  let fragment: string;
  try {
    fragment = decodeURIComponent(hash === -1 ? "" : ref.slice(hash + 1));
  } catch {
    return null;
  }
  const whole = base === "" ? root : find(root, ({ $id }) => $id === base || $id === `${base}#`);
  if (whole === null || fragment === "") return whole;
  if (!fragment.startsWith("/")) {
    return find(
      whole,
      ({ $anchor, $dynamicAnchor, $id }) =>
        $anchor === fragment || $dynamicAnchor === fragment || $id === `#${fragment}`,
    );
  }
  const target = atPointer(whole, fragment);
  if (typeof target === "boolean") return {};
  return isObject(target) ? target : null;
}

function find(root: JsonObject, matches: (schema: JsonObject) => boolean): JsonObject | null {
  for (const node of walkSchema(root)) {
    if ("schema" in node && matches(node.schema)) return node.schema;
  }
  return null;
}

/** The deepest nesting of objects, following references; `Infinity` if recursive. */
export function depthOf(root: JsonObject): number {
  const known = new Map<JsonObject, number>();
  const open = new Set<JsonObject>();
  const deepest = (schemas: readonly unknown[]) =>
    schemas.reduce<number>((most, each) => Math.max(most, measure(each)), 0);
  const measure = (schema: unknown): number => {
    if (!isObject(schema)) return 0;
    if (open.has(schema)) return Infinity;
    const before = known.get(schema);
    if (before !== undefined) return before;
    open.add(schema);
    const under = (keys: readonly string[]) =>
      keys.flatMap((key) => childrenOf(schema, key).map(([, child]) => child));
    const inside = deepest(under(INSIDE));
    const target = typeof schema.$ref === "string" ? resolveRef(root, schema.$ref) : null;
    const inPlace = deepest([...under(IN_PLACE), target]);
    const depth = Math.max(describesObject(schema) ? 1 + inside : inside, inPlace);
    open.delete(schema);
    known.set(schema, depth);
    return depth;
  };
  return measure(root);
}
