/**
 * The rules for output schemas (Task API, "specify a task" and "warnings and errors"). Errors reject the
 * request; warnings are returned with the run. Pure; runs in a browser.
 */
import { isObject, isStringArray, type JsonObject, pointerStep } from "../../base/mod.ts";
import {
  BASIS_FIELDS,
  ENUM_VALUES,
  LARGE_ENUM_CHARS,
  LARGE_ENUM_VALUES,
  SCHEMA_DEPTH,
  SCHEMA_PROPERTIES,
  SCHEMA_STRING_CHARS,
  UNSUPPORTED_KEYWORDS,
} from "../../parallel/mod.ts";
import { depthOf, resolveRef, type SchemaNode, typesOf, walkSchema } from "./walk.ts";

/** An error or a warning about a schema. */
export interface Finding {
  /** JSON pointer into the schema; `""` is the root. */
  readonly path: string;
  /** A stable name for the rule. */
  readonly rule: string;
  /** What to change. */
  readonly message: string;
}

/** The errors and warnings of a schema. */
export interface SchemaReport {
  readonly errors: readonly Finding[];
  readonly warnings: readonly Finding[];
}

const TYPES = ["object", "array", "string", "number", "integer", "boolean", "null"];

/** Checks an output schema against every documented rule. Accepts any value. */
export function checkOutputSchema(schema: unknown): SchemaReport {
  if (!isObject(schema)) {
    const message = "The schema must be a JSON object that describes the output";
    return { errors: [{ path: "", rule: "schema-object", message }], warnings: [] };
  }
  const errors: Finding[] = [...rootErrors(schema)];
  const warnings: Finding[] = [];
  const nodes: SchemaNode[] = [];
  for (const node of walkSchema(schema)) {
    if ("schema" in node) {
      nodes.push(node);
    } else {
      const message = `${placeName(node.path)} must be a schema: a JSON object`;
      errors.push({ path: node.path, rule: "schema-object", message });
    }
  }
  for (const node of nodes) {
    errors.push(...nodeErrors(node, schema));
    warnings.push(...nodeWarnings(node));
  }
  errors.push(...totalErrors(schema, nodes));
  warnings.push(...rootWarnings(schema));
  return { errors, warnings };
}

/** Counts a schema's output fields, to compare with a processor's capacity. */
export function countFields(schema: JsonObject): number {
  return isObject(schema.properties) ? Object.keys(schema.properties).length : 0;
}

function* rootErrors(root: JsonObject): Generator<Finding> {
  if (root.anyOf !== undefined) {
    const message = '"anyOf" is not allowed at the root: make the root an object and put the ' +
      "alternatives into a property";
    yield { path: "/anyOf", rule: "root-any-of", message };
  }
  if (root.type !== "object") {
    const message = 'The root must be an object: set "type": "object"';
    yield { path: "/type", rule: "root-type", message };
  }
  if (!isObject(root.properties) || Object.keys(root.properties).length === 0) {
    const message = 'The root needs "properties" with at least one output field';
    yield { path: "/properties", rule: "root-properties", message };
  }
}

function* nodeErrors(
  { schema, path, alternative }: SchemaNode,
  root: JsonObject,
): Generator<Finding> {
  for (const keyword of UNSUPPORTED_KEYWORDS) {
    if (!Object.hasOwn(schema, keyword)) continue;
    const message =
      `"${keyword}" is not supported: remove it and describe the rule in the description`;
    yield { path: `${path}/${keyword}`, rule: "unsupported-keyword", message };
  }
  yield* typeErrors(schema, path);
  const target = typeof schema.$ref === "string" ? resolveRef(root, schema.$ref) : null;
  const nothing = alternative
    ? null
    : onlyNull(schema) ?? (target !== null && onlyNull(target) !== null ? "$ref" : null);
  if (nothing !== null) {
    const message = "A field that is always null is useless: allow another type too, such as " +
      '"type": ["string", "null"]';
    yield { path: `${path}/${nothing}`, rule: "null-type", message };
  }
  yield* shapeErrors(schema, path);
  if (schema.$ref !== undefined && target === null) {
    const message = '"$ref" must point into this schema, such as "#/$defs/company"';
    yield { path: `${path}/$ref`, rule: "ref", message };
  }
}

function* typeErrors(schema: JsonObject, path: string): Generator<Finding> {
  const { type } = schema;
  if (type === undefined) return;
  const types = typesOf(schema);
  const stray = types.find((each) => !TYPES.includes(each));
  const malformed = typeof type !== "string" && (!isStringArray(type) || type.length === 0);
  if (malformed || stray !== undefined) {
    const message = `"type" must be one of ${TYPES.join(", ")}, or a list of them`;
    yield { path: `${path}/type`, rule: "type", message };
  }
}

/** The keyword that allows only null; `null` if the schema allows more. */
function onlyNull(schema: JsonObject): string | null {
  const types = typesOf(schema);
  if (types.length > 0 && types.every((each) => each === "null")) return "type";
  if (schema.const === null) return "const";
  return ["enum", "anyOf", "oneOf"].find((key) => {
    const list = schema[key];
    const isNull = (each: unknown) =>
      key === "enum" ? each === null : isObject(each) && onlyNull(each) !== null;
    return Array.isArray(list) && list.length > 0 && list.every(isNull);
  }) ?? null;
}

function* shapeErrors(schema: JsonObject, path: string): Generator<Finding> {
  for (const key of ["properties", "$defs", "definitions"]) {
    if (schema[key] === undefined || isObject(schema[key])) continue;
    const message = `"${key}" must be an object of schemas by name`;
    yield { path: `${path}/${key}`, rule: "shape", message };
  }
  for (const key of ["anyOf", "oneOf", "allOf", "enum"]) {
    const list = schema[key];
    if (list === undefined || (Array.isArray(list) && list.length > 0)) continue;
    const item = key === "enum" ? "value" : "schema";
    const message = `"${key}" must be a list of at least one ${item}`;
    yield { path: `${path}/${key}`, rule: "shape", message };
  }
  if (schema.description !== undefined && typeof schema.description !== "string") {
    yield { path: `${path}/description`, rule: "shape", message: '"description" must be text' };
  }
  if (schema.required !== undefined && !isStringArray(schema.required)) {
    const message = '"required" must be a list of property names';
    yield { path: `${path}/required`, rule: "shape", message };
  }
}

function* totalErrors(root: JsonObject, nodes: readonly SchemaNode[]): Generator<Finding> {
  const depth = depthOf(root);
  if (depth > SCHEMA_DEPTH) {
    const message = depth === Infinity
      ? `The schema refers to itself through "$ref": write the levels out, at ` +
        `most ${SCHEMA_DEPTH}`
      : `Objects are nested ${depth} deep: at most ${SCHEMA_DEPTH} levels are allowed`;
    yield { path: "", rule: "depth", message };
  }
  let properties = 0, chars = 0, values = 0;
  for (const { schema, path } of nodes) {
    for (const key of ["properties", "$defs", "definitions"]) {
      const names = isObject(schema[key]) ? Object.keys(schema[key]) : [];
      if (key === "properties") properties += names.length;
      chars += names.reduce((sum, name) => sum + name.length, 0);
    }
    if (typeof schema.const === "string") chars += schema.const.length;
    if (!Array.isArray(schema.enum)) continue;
    const length = schema.enum.reduce<number>((sum, each) => sum + textLength(each), 0);
    values += schema.enum.length;
    chars += length;
    if (schema.enum.length > LARGE_ENUM_VALUES && length > LARGE_ENUM_CHARS) {
      const what = `An enum of more than ${LARGE_ENUM_VALUES} values has`;
      const message = overLimit(what, length, LARGE_ENUM_CHARS);
      yield { path: `${path}/enum`, rule: "enum-chars", message };
    }
  }
  if (properties > SCHEMA_PROPERTIES) {
    const unit = "properties in total";
    const message = overLimit("The schema has", properties, SCHEMA_PROPERTIES, unit);
    yield { path: "", rule: "properties", message };
  }
  if (values > ENUM_VALUES) {
    const message = overLimit("The enums have", values, ENUM_VALUES, "values in total");
    yield { path: "", rule: "enum-values", message };
  }
  if (chars > SCHEMA_STRING_CHARS) {
    const message = overLimit("Names and fixed values add up to", chars, SCHEMA_STRING_CHARS);
    yield { path: "", rule: "string-chars", message };
  }
}

/** Says by how much a limit is exceeded: `The schema has 16,000 characters: at most 15,000 are allowed`. */
export function overLimit(what: string, found: number, max: number, unit = "characters"): string {
  return `${what} ${found.toLocaleString("en")} ${unit}: at most ${
    max.toLocaleString("en")
  } are allowed`;
}

function* nodeWarnings({ schema, path }: SchemaNode): Generator<Finding> {
  if (!isObject(schema.properties)) return;
  const required = isStringArray(schema.required) ? schema.required : [];
  for (const name of required) {
    if (Object.hasOwn(schema.properties, name)) continue;
    const message = `"required" names "${name}", which is not among the properties`;
    yield { path: `${path}/required`, rule: "required-unknown", message };
  }
  for (const name of Object.keys(schema.properties)) {
    if (required.includes(name)) continue;
    const message = `"${name}" is not in "required": list every property there, and allow null ` +
      "where a value may be missing";
    yield { path: `${path}/properties${pointerStep(name)}`, rule: "required", message };
  }
  if (schema.additionalProperties !== false) {
    const message = `${placeName(path)} should set "additionalProperties": false`;
    yield { path, rule: "additional-properties", message };
  }
}

function* rootWarnings(root: JsonObject): Generator<Finding> {
  const names = isObject(root.properties) ? Object.keys(root.properties) : [];
  for (const name of names) {
    if (!BASIS_FIELDS.includes(name)) continue;
    const message =
      `"${name}" is not needed: the basis of every result has citations, reasoning and ` +
      "confidence";
    yield { path: `/properties${pointerStep(name)}`, rule: "basis-field", message };
  }
}

function placeName(path: string): string {
  return path === "" ? "The root" : `"${path}"`;
}

function textLength(value: unknown): number {
  return typeof value === "string" ? value.length : 0;
}
