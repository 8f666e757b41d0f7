/** Compares a JSON input with its schema. Pure; runs in a browser. */
import { type OutputUnit, Validator } from "@cfworker/json-schema";
import { inOrder, isNumber, isObject, type JsonObject, withDoubles } from "../../base/mod.ts";

/** A mismatch between an input and its schema. The API accepts it with a warning. */
export interface Misfit {
  /** JSON pointer into the input. */
  readonly path: string;
  readonly message: string;
}

/** Keywords whose error only says that a nested value is wrong. */
const WRAPPERS = ["properties", "items", "allOf", "$ref", "additionalProperties", "prefixItems"];

/** Finds the mismatches of an input; `null` if the schema cannot be checked. */
export function misfitsOf(schema: JsonObject, input: unknown): Misfit[] | null {
  try {
    // The library handles only doubles.
    const own = withDoubles(schema);
    if (!isObject(own)) return null;
    const { errors } = new Validator(own, "2020-12", false).validate(withDoubles(input));
    return errors.filter(({ keyword, error }) => !isWrapper(keyword, error)).map(misfitOf);
  } catch {
    return null;
  }
}

function isWrapper(keyword: string, error: string): boolean {
  return WRAPPERS.includes(keyword) && !error.startsWith("False boolean");
}

function misfitOf({ instanceLocation, error, keyword }: OutputUnit): Misfit {
  const path = decodeURIComponent(instanceLocation.replace(/^#/, ""));
  return { path, message: keyword === "false" ? "This member is not in the schema" : error };
}

/** Derives a schema from an input, as a starting point. */
export function schemaOfInput(input: unknown): JsonObject {
  if (Array.isArray(input)) {
    return input.length === 0
      ? { type: "array" }
      : { type: "array", items: schemaOfInput(input[0]) };
  }
  if (isObject(input)) {
    const properties = Object.entries(input).map(([name, value]) =>
      [name, schemaOfInput(value)] as const
    );
    return {
      type: "object",
      properties: inOrder(properties),
      required: Object.keys(input),
      additionalProperties: false,
    };
  }
  if (isNumber(input)) return { type: Number.isInteger(Number(input)) ? "integer" : "number" };
  return { type: input === null ? "null" : typeof input };
}
