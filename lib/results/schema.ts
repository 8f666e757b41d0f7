/**
 * Reads the requested JSON Schema as far as display needs it: the order and descriptions of fields, and the
 * columns of lists. Pure.
 */
import { isNumber, isObject, type JsonObject } from "../base/mod.ts";
import type { TaskRunInput, TaskRunOutput } from "../parallel/mod.ts";

/** A schema and the document that its `$ref`s refer to. */
export interface Schema {
  readonly root: JsonObject;
  readonly node: JsonObject;
}

/** The limit on following `$ref`s, which also stops cycles. */
const MAX_REFS = 16;

/** Returns the output schema of a request, or `null` if it has none. */
export function requestedSchema(input: Pick<TaskRunInput, "task_spec">): JsonObject | null {
  const schema = input.task_spec?.output_schema;
  // The API lets `type` be omitted.
  const json = isObject(schema) && "json_schema" in schema ? schema.json_schema : null;
  return isObject(json) ? json : null;
}

/** Returns the schema that describes an output: the requested one, else the one the API generated. */
export function describingSchema(input: TaskRunInput, output: TaskRunOutput): Schema | null {
  const own = output.type === "json" && isObject(output.output_schema)
    ? output.output_schema
    : null;
  const root = requestedSchema(input) ?? own;
  return root === null ? null : settle({ root, node: root });
}

/** Returns the schema of an object's member. */
export function memberOf(schema: Schema | null, name: string): Schema | null {
  const properties = schema?.node.properties;
  if (schema === null || !isObject(properties) || !Object.hasOwn(properties, name)) return null;
  const node = properties[name];
  return isObject(node) ? settle({ root: schema.root, node }) : null;
}

/** Returns the schema of a list's items. */
export function itemOf(schema: Schema | null): Schema | null {
  const items = schema?.node.items;
  return schema !== null && isObject(items) ? settle({ root: schema.root, node: items }) : null;
}

/** Returns the names of an object's fields, in schema order. */
export function fieldNames(schema: Schema | null): string[] {
  const properties = schema?.node.properties;
  return isObject(properties) ? Object.keys(properties) : [];
}

/** The depth to which nested objects are expanded: a schema may be recursive. */
const DEEPEST_FIELD = 8;

/** Returns the paths of a schema's fields in order. Nested objects are replaced by their fields. */
export function* fieldPaths(
  schema: Schema,
  above: readonly string[] = [],
): Generator<readonly string[]> {
  for (const name of fieldNames(schema)) {
    const path = [...above, name];
    const member = memberOf(schema, name);
    const isLeaf = member === null || fieldNames(member).length === 0;
    if (isLeaf || path.length >= DEEPEST_FIELD) yield path;
    else yield* fieldPaths(member, path);
  }
}

/** Returns an object's entries: those in the schema first, in its order. */
export function orderedEntries(record: JsonObject, schema: Schema | null): [string, unknown][] {
  const named = fieldNames(schema).filter((name) => Object.hasOwn(record, name));
  if (named.length === 0) return Object.entries(record);
  const first = new Set(named);
  return [
    ...named.map((name): [string, unknown] => [name, record[name]]),
    ...Object.entries(record).filter(([name]) => !first.has(name)),
  ];
}

/** Returns the schema's description of a field. */
export function descriptionOf(schema: Schema | null): string | undefined {
  const description = schema?.node.description;
  return typeof description === "string" && description !== "" ? description : undefined;
}

/** Follows `$ref`, and selects the only alternative that is not `null`. */
function settle({ root, node }: Schema): Schema {
  for (let hops = 0; hops < MAX_REFS; hops++) {
    const next = referred(root, node) ?? onlyAlternative(node);
    if (next === null) break;
    node = next;
  }
  return { root, node };
}

function referred(root: JsonObject, { $ref }: JsonObject): JsonObject | null {
  if (typeof $ref !== "string" || !$ref.startsWith("#")) return null;
  let found: unknown = root;
  for (const step of $ref.slice(1).split("/").slice(1)) {
    const name = step.replaceAll("~1", "/").replaceAll("~0", "~");
    if (!isObject(found) || !Object.hasOwn(found, name)) return null;
    found = found[name];
  }
  return isObject(found) ? found : null;
}

function onlyAlternative(node: JsonObject): JsonObject | null {
  const alternatives = node.anyOf ?? node.oneOf;
  if (!Array.isArray(alternatives) || isObject(node.properties)) return null;
  const real = alternatives.filter((each) => isObject(each) && each.type !== "null");
  return real.length === 1 && isObject(real[0]) ? real[0] : null;
}

// Field paths, as spelled in a basis. Pure.
/** Normalizes a field path: `a[0].b` and `a.0.b` are the same. */
export function pathKey(field: string): string {
  return field.replace(/\[(\d+)\]/g, ".$1").replace(/^\./, "");
}

/** Pages show nothing deeper. A longer path would take quadratic time. */
const DEEPEST = 100;

/** Returns the steps of a field path, or `null` if it is deeper than anything shown. */
export function stepsOf(field: string): string[] | null {
  const steps = pathKey(field).split(".", DEEPEST + 1);
  return steps.length > DEEPEST ? null : steps;
}

/** Formats a value as one cell: joins simple lists with semicolons, and writes nested values as JSON. */
export function cellOf(value: unknown): string | boolean | null {
  if (value === null || value === undefined) return null;
  if (typeof value === "string" || typeof value === "boolean") return value;
  if (isNumber(value)) return String(value);
  if (Array.isArray(value) && value.length > 0 && value.every(isListed)) return value.join("; ");
  return JSON.stringify(value);
}

/** Returns whether an item is unambiguous in a semicolon-separated list. */
function isListed(item: unknown): boolean {
  return typeof item === "string"
    ? item !== "" && !/[;\n]/.test(item)
    : isNumber(item) || typeof item === "boolean";
}
