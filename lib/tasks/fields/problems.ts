/** What is wrong with a request, said at the fields of the form that it came from. Pure. */
import type { FormField, TaskFormValues } from "./names.ts";
import { lineOf, locateJson } from "../../base/mod.ts";
import type { Problem } from "../rules/mod.ts";

/** What is wrong with a form, field by field. */
export type FormProblems = Partial<Record<FormField, string>>;

/** Mistakes of one schema that are named at once. */
const NAMED_MISTAKES = 8;

/** One message for each field that has a problem: the first, and for a schema all of them with lines. */
export function fieldProblems(
  found: readonly Problem[],
  values: TaskFormValues,
): Map<FormField, string> {
  const byField = new Map<FormField, string[]>();
  for (const { field, message } of found) {
    const [name, place] = formFieldOf(field, values);
    const said = place === "" ? message : `${place}${lineOfPlace(values[name], place)}: ${message}`;
    const list = byField.get(name);
    if (list === undefined) byField.set(name, [said]);
    else list.push(said);
  }
  return new Map(
    [...byField].map(([name, [first = "", ...rest]]) => {
      if (!isSchemaField(name) || rest.length === 0) return [name, first];
      const more = rest.length >= NAMED_MISTAKES
        ? `; and ${rest.length - NAMED_MISTAKES + 1} more`
        : "";
      return [name, [first, ...rest].slice(0, NAMED_MISTAKES).join("; ") + more];
    }),
  );
}

/** ` (line 3)` for a dotted place in a schema's text. */
function lineOfPlace(text: string, place: string): string {
  try {
    return ` (line ${lineOf(text, locateJson(text), `/${place.replaceAll(".", "/")}`)})`;
  } catch {
    return "";
  }
}

function isSchemaField(name: FormField): boolean {
  return name === "json_schema" || name === "input_schema";
}

/** The form's field for a path into the request, and the place inside it worth naming. */
function formFieldOf(path: string, values: TaskFormValues): readonly [FormField, string] {
  for (const [prefix, name] of PLACES) {
    if (path !== prefix && !path.startsWith(`${prefix}.`)) continue;
    return [name, isSchemaField(name) ? path.slice(prefix.length + 1) : ""];
  }
  if (!path.startsWith("task_spec")) return ["input", ""];
  return [values.output_type === "json" ? "json_schema" : "text_description", ""];
}

/** The longest prefixes first. */
const PLACES: readonly (readonly [string, FormField])[] = [
  ["task_spec.output_schema.json_schema", "json_schema"],
  ["task_spec.input_schema.json_schema", "input_schema"],
  ["task_spec.input_schema", "input_schema"],
  ["source_policy.include_domains", "include_domains"],
  ["source_policy.exclude_domains", "exclude_domains"],
  ["source_policy.after_date", "after_date"],
  ["advanced_settings", "location"],
  ["webhook", "webhook_url"],
  ["metadata", "metadata"],
  ["mcp_servers", "mcp_servers"],
  ["enable_events", "enable_events"],
  ["previous_interaction_id", "previous_interaction_id"],
  ["processor", "processor"],
  ["input", "input"],
];
