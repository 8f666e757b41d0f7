/** Builds a sample output: a value of the schema's shape, with descriptions as texts. Pure. */
import { inOrder, isObject, type JsonObject } from "../../base/mod.ts";
import { resolveRef, typesOf } from "./walk.ts";

/** Deeper than any schema the API accepts. Ends recursive schemas. */
const DEEPEST = 8;

/** Builds a sample output of a schema. Accepts any schema. */
export function sampleOf(schema: JsonObject): unknown {
  return sample(schema, "", schema, 0);
}

function sample(given: unknown, name: string, root: JsonObject, level: number): unknown {
  if (!isObject(given) || level > DEEPEST) return null;
  const schema = plain(given, root, 0);
  if (Object.hasOwn(schema, "const")) return schema.const;
  if (Array.isArray(schema.enum)) {
    return schema.enum.find((value) => value !== null) ?? null;
  }
  switch (typeOf(schema)) {
    case "object": {
      const properties = isObject(schema.properties) ? Object.entries(schema.properties) : [];
      return inOrder(
        properties.map(([key, child]) => [key, sample(child, key, root, level + 1)]),
      );
    }
    case "array": {
      if (Array.isArray(schema.prefixItems)) {
        return schema.prefixItems.map((child) => sample(child, name, root, level + 1));
      }
      return isObject(schema.items) ? [sample(schema.items, name, root, level + 1)] : [];
    }
    case "integer":
      return /year|founded/i.test(name) ? 2019 : 42;
    case "number":
      return 12.5;
    case "boolean":
      return true;
    case "null":
      return null;
    default:
      return textOf(schema, name);
  }
}

function textOf({ description }: JsonObject, name: string): string {
  const text = typeof description === "string" && description !== "" ? description : name;
  return text === "" ? "…" : `‹${text.length > 80 ? `${text.slice(0, 79)}…` : text}›`;
}

function typeOf(schema: JsonObject): string {
  const types = typesOf(schema);
  const [first] = types.filter((type) => type !== "null");
  if (first !== undefined) return first;
  if (types.length > 0) return "null";
  if (isObject(schema.properties)) return "object";
  return schema.items !== undefined || schema.prefixItems !== undefined ? "array" : "string";
}

/** Merges a schema with its reference, all of `allOf` and one alternative. */
function plain(schema: JsonObject, root: JsonObject, depth: number): JsonObject {
  if (depth > DEEPEST) return schema;
  const { $ref, allOf, anyOf, oneOf, ...own } = schema;
  const others = [
    typeof $ref === "string" ? resolveRef(root, $ref) : null,
    ...Array.isArray(allOf) ? allOf : [],
    alternative(anyOf),
    alternative(oneOf),
  ];
  return others.reduce<JsonObject>((merged, other) => {
    if (!isObject(other)) return merged;
    const more = plain(other, root, depth + 1);
    const properties = isObject(more.properties) && isObject(merged.properties)
      ? { properties: { ...more.properties, ...merged.properties } }
      : {};
    return { ...more, ...merged, ...properties };
  }, own);
}

/** The first alternative other than null. */
function alternative(list: unknown): unknown {
  if (!Array.isArray(list)) return null;
  return list.find((each) => isObject(each) && typeOf(each) !== "null") ?? list[0];
}
