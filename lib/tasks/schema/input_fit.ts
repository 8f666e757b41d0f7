/** How a JSON input and its schema go together. Pure: runs in a browser. */
import { type OutputUnit, Validator } from "@cfworker/json-schema";
import { isNumber, isObject, type JsonObject, withDoubles } from "../../base/mod.ts";

/** One place where an input does not fit its schema: the API takes it and notes that. */
export interface Misfit {
  /** JSON pointer into the input. */
  readonly path: string;
  readonly message: string;
}

/** Keywords whose finding only says that something inside it does not fit. */
const WRAPPERS = ["properties", "items", "allOf", "$ref", "additionalProperties", "prefixItems"];

/** Where an input does not fit its schema; `null` where the schema is none that can be checked. */
export function misfitsOf(schema: JsonObject, input: unknown): Misfit[] | null {
  try {
    // The library knows no numbers but doubles.
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

/** A schema that the input fits, from its own members: a start for the descriptions. */
export function schemaOfInput(input: unknown): JsonObject {
  if (Array.isArray(input)) {
    return input.length === 0
      ? { type: "array" }
      : { type: "array", items: schemaOfInput(input[0]) };
  }
  if (isObject(input)) {
    const properties = Object.entries(input).map(([name, value]) => [name, schemaOfInput(value)]);
    return {
      type: "object",
      properties: Object.fromEntries(properties),
      required: Object.keys(input),
      additionalProperties: false,
    };
  }
  if (isNumber(input)) return { type: Number.isInteger(Number(input)) ? "integer" : "number" };
  return { type: input === null ? "null" : typeof input };
}
