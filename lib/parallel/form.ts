/**
 * The task form and the request it stands for, in both directions. Pure: runs in a browser.
 */
import { splitDomains } from "./domains.ts";
import { emptyForm, FORM_FIELDS, type FormField, type TaskFormValues } from "./form_fields.ts";
import { isObject, type JsonObject, parseJson } from "./json.ts";
import { hasMaskedHeader, maskServers, maskServersText } from "./mcp_headers.ts";
import { isPrivateHost } from "./private_host.ts";
import { processor, PROCESSORS } from "./processors.ts";
import type { McpServer, SourcePolicy, TaskRunInput, TaskSpec } from "./types.ts";
import { validateTaskInput } from "./validate.ts";

export { emptyForm, FORM_FIELDS, type FormField, type TaskFormValues } from "./form_fields.ts";

/** What is wrong with a form, field by field. */
export type FormProblems = Partial<Record<FormField, string>>;

/** The request that a form stands for, or what is wrong with it; and the form as typed. */
export type ParsedForm =
  & {
    /** As typed, fit to be shown again: MCP header values are taken out. */
    readonly values: TaskFormValues;
    /** Why a form that is shown again has to ask for something anew. */
    readonly asksAgain: FormProblems;
  }
  & (
    | { readonly ok: true; readonly input: TaskRunInput; readonly idempotencyKey: string | null }
    | { readonly ok: false; readonly problems: FormProblems }
  );

/** A UUID, or any other token of a sane length. */
const IDEMPOTENCY_KEY = /^[\w-]{8,128}$/;

/**
 * Reads a posted task form. An empty field is left out of the request, except `enable_events`; what the
 * API would refuse comes back as a problem at its field, with MCP header values taken out.
 */
export function parseTaskForm(data: FormData): ParsedForm {
  const values = readValues(data);
  const problems: FormProblems = {};
  const candidate = candidateOf(values, (field, message) => problems[field] ??= message);
  const validation = validateTaskInput(candidate);
  if (!validation.ok) {
    for (const { field, message } of validation.problems) {
      const [name, place] = formFieldOf(field, values);
      problems[name] ??= place === "" ? message : `${place}: ${message}`;
    }
  }
  const shown = shownAgain(values);
  if (validation.ok && Object.keys(problems).length === 0) {
    // "Send it anyway" brings a key of its own: the first one stands for the submit that got lost.
    const key = text(data, "again") || text(data, "idempotency_key");
    const idempotencyKey = IDEMPOTENCY_KEY.test(key) ? key : null;
    return { ok: true, input: validation.input, idempotencyKey, ...shown };
  }
  return { ok: false, problems: { ...shown.asksAgain, ...problems }, ...shown };
}

/**
 * The request that a form stands for so far, to be shown rather than sent: header values may be
 * masked in it. `null` where it is none that the API would take.
 */
export function formRequest(values: TaskFormValues): TaskRunInput | null {
  let wrong = false;
  const candidate = candidateOf(values, (_, message) => wrong ||= message !== HEADERS_AGAIN);
  const validation = validateTaskInput(candidate);
  return wrong || !validation.ok ? null : validation.input;
}

/** The form as it may be shown again. */
function shownAgain(values: TaskFormValues): Pick<ParsedForm, "values" | "asksAgain"> {
  const { text, masked } = maskServersText(values.mcp_servers);
  return {
    values: { ...values, mcp_servers: text },
    asksAgain: masked ? { mcp_servers: HEADERS_AGAIN } : {},
  };
}

const HEADERS_AGAIN = "Enter the header values again: they are secrets and were not kept";

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

type Report = (field: FormField, message: string) => void;

/** The request as far as the form makes one; what cannot be read is reported and left out. */
function candidateOf(values: TaskFormValues, report: Report): JsonObject {
  const given = (field: FormField) => values[field].trim();
  const candidate: JsonObject = {
    input: inputOf(values, report),
    processor: given("processor"),
    task_spec: specOf(values, report),
    enable_events: isTicked(values.enable_events),
  };
  const optional: JsonObject = {
    source_policy: sourcePolicyOf(values),
    advanced_settings: given("location") === "" ? null : { location: given("location") },
    previous_interaction_id: given("previous_interaction_id") || null,
    webhook: webhookOf(given("webhook_url"), report),
    metadata: jsonOf("metadata", values, report),
    mcp_servers: serversOf(values, report),
  };
  for (const [name, value] of Object.entries(optional)) {
    // "{}" and "[]" say as much as nothing, each where it belongs.
    const isEmpty = Array.isArray(value)
      ? name === "mcp_servers" && value.length === 0
      : typeof value === "object" && !isFilled(value);
    if (!isEmpty) candidate[name] = value;
  }
  if (given("processor") === "") report("processor", "Choose a processor");
  else if (processor(given("processor")) === null) {
    const names = PROCESSORS.filter(({ fast }) => !fast).map(({ name }) => name).join(", ");
    report("processor", `There is no processor of that name. Choose one of ${names}`);
  }
  return candidate;
}

function inputOf(values: TaskFormValues, report: Report): unknown {
  const typed = values.input.trim();
  if (values.input_format !== "json") {
    if (values.input_format !== "text") report("input_format", "Choose text or JSON");
    return typed;
  }
  if (typed === "") return typed;
  const json = parseJson(typed);
  if (!json.ok) report("input", json.why);
  else if (!isObject(json.value)) report("input", 'The input must be a JSON object, {"name": …}');
  return json.ok ? json.value : typed;
}

function specOf(values: TaskFormValues, report: Report): unknown {
  const output = outputOf(values, report);
  const schema = values.input_schema.trim() === "" ? null : inputSchemaOf(values, report);
  return schema === null
    ? { output_schema: output }
    : { output_schema: output, input_schema: schema };
}

function outputOf(values: TaskFormValues, report: Report): unknown {
  const description = values.text_description.trim();
  switch (values.output_type) {
    case "auto":
      return { type: "auto" };
    case "text":
      return description === "" ? { type: "text" } : { type: "text", description };
    case "json":
      if (values.json_schema.trim() === "") {
        report("json_schema", "Describe the output as a JSON schema, or choose another output");
      }
      return { type: "json", json_schema: unwrapped(jsonOf("json_schema", values, report)) ?? {} };
    default:
      report("output_type", "Choose auto, text or JSON schema");
      return { type: "auto" };
  }
}

function inputSchemaOf(values: TaskFormValues, report: Report): unknown {
  const value = jsonOf("input_schema", values, report);
  if (typeof value === "string") return { type: "text", description: value };
  if (value !== null && !isObject(value)) {
    report("input_schema", "The schema of the input must be a JSON object");
    return null;
  }
  return value === null ? null : { type: "json", json_schema: unwrapped(value) };
}

/** People paste the API's whole `{"type": "json", "json_schema": …}` as often as the schema in it. */
function unwrapped(schema: unknown): unknown {
  return isObject(schema) && isObject(schema.json_schema) && schema.properties === undefined
    ? schema.json_schema
    : schema;
}

function sourcePolicyOf(values: TaskFormValues): SourcePolicy | null {
  const include = splitDomains(values.include_domains);
  const exclude = splitDomains(values.exclude_domains);
  const date = values.after_date.trim();
  const policy: SourcePolicy = {
    ...(include.length > 0 ? { include_domains: include } : {}),
    ...(exclude.length > 0 ? { exclude_domains: exclude } : {}),
    ...(date !== "" ? { after_date: date } : {}),
  };
  return isFilled(policy) ? policy : null;
}

function webhookOf(typed: string, report: Report): unknown {
  if (typed === "") return null;
  const url = URL.canParse(typed) ? new URL(typed) : null;
  if (url?.protocol !== "https:") {
    report("webhook_url", "The address must start with https://");
  } else if (isPrivateHost(url.hostname)) {
    report("webhook_url", "This host is private: Parallel cannot reach it");
  } else if (url.username !== "" || url.password !== "") {
    report("webhook_url", "Leave user name and password out of the address");
  }
  return { url: url?.href ?? typed, event_types: ["task_run.status"] };
}

function serversOf(values: TaskFormValues, report: Report): unknown {
  const value = jsonOf("mcp_servers", values, report);
  // One server needs no list around it.
  const servers = isObject(value) ? [value] : value;
  if (Array.isArray(servers) && servers.some((each) => isServer(each) && hasMaskedHeader(each))) {
    report("mcp_servers", HEADERS_AGAIN);
  }
  return servers;
}

function isServer(value: unknown): value is McpServer {
  return isObject(value) && isObject(value.headers) &&
    Object.values(value.headers).every((header) => typeof header === "string");
}

/** A JSON field's value, `null` where it is empty or cannot be read. */
function jsonOf(field: FormField, values: TaskFormValues, report: Report): unknown {
  const typed = values[field].trim();
  if (typed === "") return null;
  const json = parseJson(typed);
  if (json.ok) return json.value;
  // The engine quotes what it cannot read, which may be a secret.
  report(
    field,
    field === "mcp_servers" ? "This is not JSON: it must be a list of servers" : json.why,
  );
  return null;
}

/** The form's field for a path into the request, and the place inside it worth naming. */
function formFieldOf(path: string, values: TaskFormValues): readonly [FormField, string] {
  for (const [prefix, name] of PLACES) {
    if (path !== prefix && !path.startsWith(`${prefix}.`)) continue;
    const inSchema = name === "json_schema" || name === "input_schema";
    return [name, inSchema ? path.slice(prefix.length + 1) : ""];
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
  if (typeof schema === "string") return JSON.stringify(schema);
  return "json_schema" in schema
    ? pretty(schema.json_schema)
    : JSON.stringify(schema.description ?? "");
}

/** The fields of a posted form as typed. */
export function readValues(data: FormData): TaskFormValues {
  const values = emptyForm();
  for (const name of FORM_FIELDS) values[name] = text(data, name);
  return { ...values, enable_events: isTicked(values.enable_events) ? "on" : "" };
}

/** Text areas post CRLF (HTML, form submission); a file is no value. */
function text(data: FormData, name: string): string {
  const value = data.get(name);
  return typeof value === "string" ? value.replace(/\r\n?/g, "\n") : "";
}

function isTicked(value: string): boolean {
  return !["", "off", "false", "0"].includes(value.trim().toLowerCase());
}

function isFilled(value: object | null | undefined): value is object {
  return value !== null && value !== undefined && Object.keys(value).length > 0;
}

function pretty(value: unknown): string {
  return JSON.stringify(value, null, 2);
}
