/**
 * The Task API's suggestions for an intent (`POST /v1beta/tasks/suggest`, as the vendor's CLI uses it).
 * Pure.
 */
import { isObject, type JsonObject } from "../base/mod.ts";

/** The request. */
export interface SuggestRequest {
  /** What the user wants to know, in their own words. */
  readonly user_intent: string;
  /** Existing data, such as the columns of a table. */
  readonly previous_task?: {
    readonly input_schema?: JsonObject;
    readonly output_schema?: JsonObject;
  };
}

/** The response. Every part may be missing. */
export interface Suggestion {
  readonly title: string | null;
  readonly input_schema: JsonObject | null;
  readonly output_schema: JsonObject | null;
  /** Example inputs. */
  readonly inputs: readonly unknown[];
  readonly warnings: readonly string[];
}

/** Reads a suggestion. */
export function readSuggestion(value: unknown): Suggestion | null {
  if (!isObject(value)) return null;
  const { title, inputs, warnings } = value;
  const output_schema = schemaOf(value.output_schema);
  const input_schema = schemaOf(value.input_schema);
  if (output_schema === null && input_schema === null) return null;
  return {
    title: typeof title === "string" ? title : null,
    input_schema,
    output_schema,
    inputs: Array.isArray(inputs) ? inputs : [],
    warnings: Array.isArray(warnings)
      ? warnings.flatMap((each) => typeof each === "string" ? each : messageOf(each) ?? [])
      : [],
  };
}

/** A plain schema, or one in the API's usual envelope. */
function schemaOf(value: unknown): JsonObject | null {
  if (!isObject(value)) return null;
  return isObject(value.json_schema) ? value.json_schema : value;
}

function messageOf(value: unknown): string | null {
  return isObject(value) && typeof value.message === "string" ? value.message : null;
}
