/** The form that stands for a request. Pure: runs in a browser. */
import { emptyForm, type TaskFormValues } from "./names.ts";
import { maskServers } from "./mcp_headers.ts";
import { processor, type TaskRunInput, type TaskSpec } from "../../parallel/mod.ts";

/** The form that stands for a request: for examples, and to edit and run again. Header values are masked. */
export function formValuesFrom(input: TaskRunInput): TaskFormValues {
  const { source_policy: policy, advanced_settings: settings, mcp_servers: servers } = input;
  const isText = typeof input.input === "string";
  return {
    ...emptyForm(),
    ...outputValues(input.task_spec ?? null),
    input: typeof input.input === "string" ? input.input : pretty(input.input),
    input_format: isText ? "text" : "json",
    processor: input.processor,
    include_domains: (policy?.include_domains ?? []).join("\n"),
    exclude_domains: (policy?.exclude_domains ?? []).join("\n"),
    after_date: policy?.after_date ?? "",
    location: settings?.location ?? "",
    input_schema: inputSchemaValue(input.task_spec?.input_schema),
    previous_interaction_id: input.previous_interaction_id ?? "",
    webhook_url: input.webhook?.url ?? "",
    metadata: isFilled(input.metadata) ? pretty(input.metadata) : "",
    mcp_servers: servers && servers.length > 0 ? pretty(maskServers(servers)) : "",
    enable_events: wantsEvents(input) ? "on" : "",
  };
}

function wantsEvents({ enable_events: events, processor: name }: TaskRunInput): boolean {
  return events ?? processor(name)?.eventsByDefault ?? false;
}

function outputValues(
  spec: TaskSpec | null,
): Pick<TaskFormValues, "output_type" | "text_description" | "json_schema"> {
  const schema = spec?.output_schema ?? { type: "auto" };
  const blank = { output_type: "auto", text_description: "", json_schema: "" };
  if (typeof schema === "string") {
    return { ...blank, output_type: "text", text_description: schema };
  }
  if ("json_schema" in schema) {
    return { ...blank, output_type: "json", json_schema: pretty(schema.json_schema) };
  }
  if (schema.type === "auto") return blank;
  const description = "description" in schema ? schema.description ?? "" : "";
  return { ...blank, output_type: "text", text_description: description };
}

function inputSchemaValue(schema: TaskSpec["input_schema"]): string {
  if (schema === null || schema === undefined) return "";
  if (typeof schema !== "string" && "json_schema" in schema) return pretty(schema.json_schema);
  const description = typeof schema === "string" ? schema : schema.description ?? "";
  // Quoted where it would be taken for JSON, or lose its spaces.
  return /^[{["\s]|\s$|^$/.test(description) ? JSON.stringify(description) : description;
}

function isFilled(value: object | null | undefined): value is object {
  return value !== null && value !== undefined && Object.keys(value).length > 0;
}

function pretty(value: unknown): string {
  return JSON.stringify(value, null, 2);
}
