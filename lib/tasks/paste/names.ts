/** The API's names in the spelling of a language: `TaskSpec` of Go and C#, `taskSpec` of Java. Pure. */
import { inOrder, isObject, type JsonObject } from "../../base/mod.ts";
import { isBody } from "./documents.ts";
import { Unknown } from "./found.ts";

/** Members of a request whose names have a fixed spelling, at any depth. */
const NAMES = new Map(
  ("input processor task_spec output_schema input_schema json_schema type description metadata " +
    "source_policy include_domains exclude_domains after_date advanced_settings location " +
    "mcp_servers name url headers allowed_tools enable_events webhook event_types " +
    "previous_interaction_id memory_scope_key").split(" ").map((name) =>
      [name.replaceAll("_", ""), name] as const
    ),
);
/** Members whose own members can have any name. */
const FREE = new Set(["input", "json_schema", "metadata", "headers"]);

/** The request with the API's names; `null` if the value is not a request. */
export function withApiNames(value: unknown): JsonObject | null {
  if (!isObject(value) || value instanceof Unknown) return null;
  const named = renamed(value);
  return isBody(named) ? named : null;
}

function renamed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(renamed);
  if (!isObject(value) || value instanceof Unknown) return value;
  return inOrder(
    Object.entries(value).map(([written, member]) => {
      const name = NAMES.get(written.replaceAll("_", "").toLowerCase()) ?? written;
      return [name, FREE.has(name) ? member : renamed(member)];
    }),
  );
}
