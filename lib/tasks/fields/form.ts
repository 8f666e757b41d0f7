/**
 * The task form and the request it stands for, in both directions. Pure: runs in a browser.
 */
import { isPrivateHost, splitDomains, validateTaskInput } from "../rules/mod.ts";
import { emptyForm, FORM_FIELDS, type FormField, type TaskFormValues } from "./names.ts";
import { fieldProblems, type FormProblems } from "./problems.ts";
import { isObject, type JsonObject, parseTyped } from "../../base/mod.ts";
import { hasMaskedHeader, maskServersText } from "./mcp_headers.ts";
import { serverList } from "./mcp_servers.ts";
import {
  type McpServer,
  processor,
  PROCESSORS,
  type SourcePolicy,
  type TaskRunInput,
  type Warning,
} from "../../parallel/mod.ts";

export type { FormProblems } from "./problems.ts";
export { formValuesFrom } from "./values.ts";
export { emptyForm, FORM_FIELDS, type FormField, type TaskFormValues } from "./names.ts";

/** The request that a form stands for, or what is wrong with it; and the form as typed. */
export type ParsedForm =
  & {
    /** As typed, fit to be shown again: MCP header values are taken out. */
    readonly values: TaskFormValues;
    /** Why a form that is shown again has to ask for something anew. */
    readonly asksAgain: FormProblems;
  }
  & (
    | {
      readonly ok: true;
      readonly input: TaskRunInput;
      /** What the API takes and notes. */
      readonly warnings: readonly Warning[];
      readonly idempotencyKey: string | null;
    }
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
  const checked = checkForm(values);
  const shown = shownAgain(values);
  if (!checked.ok) {
    return { ...checked, problems: { ...shown.asksAgain, ...checked.problems }, ...shown };
  }
  // "Send it anyway" brings a key of its own: the first one stands for the submit that got lost.
  const key = text(data, "again") || text(data, "idempotency_key");
  return { ...checked, idempotencyKey: IDEMPOTENCY_KEY.test(key) ? key : null, ...shown };
}

/** The request that a form stands for, or what is wrong at which field. */
export type CheckedForm =
  | { readonly ok: true; readonly input: TaskRunInput; readonly warnings: readonly Warning[] }
  | { readonly ok: false; readonly problems: FormProblems };

/** Judges a form as the API would judge its request. */
export function checkForm(values: TaskFormValues): CheckedForm {
  const problems: FormProblems = {};
  const candidate = candidateOf(values, (field, message) => problems[field] ??= message);
  const validation = validateTaskInput(candidate);
  if (!validation.ok) {
    for (const [name, message] of fieldProblems(validation.problems, values)) {
      problems[name] ??= message;
    }
  }
  return validation.ok && Object.keys(problems).length === 0 ? validation : { ok: false, problems };
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

/** The request that a form stands for as far as it makes one, not judged: what the form can say. */
export function requestOf(values: TaskFormValues): JsonObject {
  return candidateOf(values, () => {});
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
    const names = PROCESSORS.map(({ name }) => name).join(", ");
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
  const json = parseTyped(typed);
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

/** A schema, or a description in plain words: the API takes both. */
function inputSchemaOf(values: TaskFormValues, report: Report): unknown {
  const typed = values.input_schema.trim();
  if (!/^[{["]/.test(typed)) return { type: "text", description: typed };
  const value = jsonOf("input_schema", values, report);
  if (typeof value === "string") return { type: "text", description: value };
  // The API's own text schema: no JSON schema has the type "text".
  if (isObject(value) && value.type === "text" && typeof value.description === "string") {
    return value;
  }
  if (value !== null && !isObject(value)) {
    report("input_schema", "The schema of the input must be a JSON object, or a description of it");
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
  const servers = serverList(jsonOf("mcp_servers", values, report));
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
  const json = parseTyped(typed);
  if (json.ok) return json.value;
  // The engine quotes what it cannot read, which may be a secret.
  const isSecret = field === "mcp_servers" && !json.isJson;
  report(field, isSecret ? "This is not JSON: it must be a list of servers" : json.why);
  return null;
}

/** The fields of a posted form as typed; what a program leaves out is as the API takes it. */
export function readValues(data: FormData): TaskFormValues {
  const values = emptyForm();
  for (const name of FORM_FIELDS) values[name] = text(data, name);
  return {
    ...values,
    // A program may leave out what a browser always posts, as it may in the API.
    input_format: values.input_format || "text",
    output_type: values.output_type || outputTypeOf(values),
    enable_events: isTicked(values.enable_events) ? "on" : "",
  };
}

/** The output that a form without a choice describes. */
function outputTypeOf({ json_schema: schema, text_description: description }: TaskFormValues) {
  if (schema.trim() !== "") return "json";
  return description.trim() !== "" ? "text" : "auto";
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
