/**
 * The Task API's own checks of a request, before it is sent: what it would refuse, and what it would
 * warn about. The sandbox answers its 422s with them. Pure: runs in a browser.
 */
import { isCountryCode } from "./countries.ts";
import { isRealDate } from "./dates.ts";
import { domainProblem } from "./domains.ts";
import { isObject, isStringArray, jsonChars, type JsonObject } from "./json.ts";
import * as limits from "./limits.ts";
import { processor } from "./processors.ts";
import { checkOutputSchema, countFields, type Finding } from "./schema_rules.ts";
import type { TaskRunInput, Warning } from "./types.ts";

/** One thing that the API would refuse. */
export interface Problem {
  /** Dotted path into the request: `task_spec.output_schema.json_schema`. */
  readonly field: string;
  /** What to change. */
  readonly message: string;
}

/** A request that the API would take, or what is wrong with it. */
export type Validation =
  | { readonly ok: true; readonly input: TaskRunInput; readonly warnings: readonly Warning[] }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/**
 * Checks the body of `POST /v1/tasks/runs`. Members it does not know stay, for the API adds some; an
 * unknown processor is no problem here, for the API answers it with 403 rather than 422.
 */
export function validateTaskInput(value: unknown): Validation {
  const problems: Problem[] = [];
  if (isTaskRunInput(value, problems)) {
    return { ok: true, input: value, warnings: warningsFor(value) };
  }
  return { ok: false, problems };
}

function isTaskRunInput(value: unknown, problems: Problem[]): value is TaskRunInput {
  if (!isObject(value)) {
    problems.push({ field: "", message: "The body must be a JSON object" });
    return false;
  }
  for (const check of CHECKS) problems.push(...check(value));
  return problems.length === 0;
}

type Problems = Iterable<Problem>;

const CHECKS: readonly ((body: JsonObject) => Problems)[] = [
  checkInput,
  checkProcessor,
  checkSpec,
  checkSizes,
  checkMetadata,
  checkSourcePolicy,
  checkSettings,
  checkServers,
  checkWebhook,
  checkRest,
];

function* checkInput({ input }: JsonObject): Problems {
  if (input === undefined || input === null) {
    yield { field: "input", message: "Field required: say what to find out" };
  } else if (typeof input === "string") {
    if (input.trim() === "") yield { field: "input", message: "Say what to find out" };
  } else if (!isObject(input)) {
    yield { field: "input", message: "The input must be text or a JSON object" };
  }
}

function* checkProcessor({ processor }: JsonObject): Problems {
  if (typeof processor === "string" && processor !== "") return;
  yield { field: "processor", message: "Field required: name a processor, such as base" };
}

function* checkSpec({ task_spec: spec }: JsonObject): Problems {
  if (isAbsent(spec)) return;
  if (!isObject(spec)) {
    yield { field: "task_spec", message: "task_spec must be an object with an output_schema" };
    return;
  }
  if (isAbsent(spec.output_schema)) {
    const message = 'Field required: {"type": "auto"}, a text or a JSON schema';
    yield { field: "task_spec.output_schema", message };
  } else {
    yield* checkSchema(spec.output_schema, "task_spec.output_schema", true);
  }
  if (!isAbsent(spec.input_schema)) {
    yield* checkSchema(spec.input_schema, "task_spec.input_schema", false);
  }
}

function* checkSchema(schema: unknown, field: string, output: boolean): Problems {
  if (typeof schema === "string") return;
  const known = output ? "auto, text or json" : "text or json";
  if (!isObject(schema)) {
    yield { field, message: `The schema must be text, or an object of type ${known}` };
    return;
  }
  // `type` may be left out where the rest says which it is: the API's own examples do so.
  const type = schema.type ?? (schema.json_schema === undefined ? "text" : "json");
  if (type === "json") {
    yield* checkJsonSchema(schema.json_schema, `${field}.json_schema`, output);
  } else if (type === "text") {
    if (!isAbsent(schema.description) && typeof schema.description !== "string") {
      yield { field: `${field}.description`, message: "The description must be text" };
    }
  } else if (type !== "auto" || !output) {
    yield { field: `${field}.type`, message: `The type of the schema must be ${known}` };
  }
}

function* checkJsonSchema(schema: unknown, field: string, output: boolean): Problems {
  if (schema === undefined) {
    yield { field, message: "Field required: a JSON schema" };
  } else if (!isObject(schema)) {
    yield { field, message: "The schema must be a JSON object" };
  } else if (output && jsonChars(schema) <= limits.TASK_SPEC_CHARS) {
    for (const { path, message } of checkOutputSchema(schema).errors) {
      yield { field: field + path.replaceAll("/", "."), message };
    }
  }
}

function* checkSizes({ task_spec: spec, input }: JsonObject): Problems {
  const specChars = isObject(spec) ? jsonChars(spec) : 0;
  const inputChars = typeof input === "string" ? input.length : jsonChars(input ?? "");
  if (specChars === Infinity || inputChars === Infinity) {
    const message = "This is nested too deeply to be sent";
    yield { field: specChars === Infinity ? "task_spec" : "input", message };
  } else if (specChars > limits.TASK_SPEC_CHARS) {
    const message =
      `The task spec has ${specChars} characters: at most ${limits.TASK_SPEC_CHARS} are allowed`;
    yield { field: "task_spec", message };
  } else if (specChars + inputChars > limits.TASK_SPEC_AND_INPUT_CHARS) {
    const message =
      `Input and task spec together have ${specChars + inputChars} characters: at most ` +
      `${limits.TASK_SPEC_AND_INPUT_CHARS} are allowed. Shorten the input`;
    yield { field: "input", message };
  }
}

function* checkMetadata({ metadata }: JsonObject): Problems {
  if (isAbsent(metadata)) return;
  if (!isObject(metadata)) {
    yield { field: "metadata", message: 'Metadata must be a JSON object, such as {"team": "a1"}' };
    return;
  }
  for (const [key, value] of Object.entries(metadata)) {
    const field = `metadata.${key}`;
    if (key.length > limits.METADATA_KEY_CHARS) {
      const message = `The key "${key}" has ${key.length} characters: at most ` +
        `${limits.METADATA_KEY_CHARS} are allowed`;
      yield { field, message };
    }
    if (typeof value === "string") {
      if (value.length <= limits.METADATA_VALUE_CHARS) continue;
      const message = `The value of "${key}" has ${value.length} characters: at most ` +
        `${limits.METADATA_VALUE_CHARS} are allowed`;
      yield { field, message };
    } else if (typeof value !== "number" && typeof value !== "boolean") {
      yield { field, message: `The value of "${key}" must be text, a number, true or false` };
    }
  }
}

function* checkSourcePolicy({ source_policy: policy }: JsonObject): Problems {
  if (isAbsent(policy)) return;
  if (!isObject(policy)) {
    yield { field: "source_policy", message: "source_policy must be an object" };
    return;
  }
  let count = 0;
  for (const name of ["include_domains", "exclude_domains"]) {
    const field = `source_policy.${name}`;
    const domains = policy[name];
    if (isAbsent(domains)) continue;
    if (!isStringArray(domains)) {
      yield { field, message: `${name} must be a list of domains` };
      continue;
    }
    count += domains.length;
    for (const domain of domains) {
      const problem = domainProblem(domain);
      if (problem !== null) yield { field, message: `"${domain}": ${problem}` };
    }
    if (count > limits.DOMAINS) {
      const message = `${count} domains are named in all: at most ${limits.DOMAINS} are allowed, ` +
        "included and excluded together";
      yield { field, message };
    }
  }
  const { after_date: date } = policy;
  if (isAbsent(date) || (typeof date === "string" && isRealDate(date))) return;
  const message = "The date must be a day that exists, written YYYY-MM-DD";
  yield { field: "source_policy.after_date", message };
}

function* checkSettings(
  { advanced_settings: settings, mcp_servers: servers, processor }: JsonObject,
): Problems {
  const field = "advanced_settings";
  if (isAbsent(settings)) return;
  if (!isObject(settings)) {
    yield { field, message: "advanced_settings must be an object" };
    return;
  }
  for (const name of Object.keys(settings)) {
    if (name === "location" || name === "data_sources") continue;
    yield { field: `${field}.${name}`, message: `"${name}" is not a setting: remove it` };
  }
  const { location, data_sources: sources } = settings;
  if (!isAbsent(location) && !(typeof location === "string" && isCountryCode(location))) {
    const message = "The location must be a country as two letters (ISO 3166-1), such as de or us";
    yield { field: `${field}.location`, message };
  }
  if (isAbsent(sources)) return;
  const taken = Array.isArray(servers)
    ? servers.map((each) => isObject(each) ? each.name : null)
    : [];
  yield* checkDataSources(sources, `${field}.data_sources`, taken);
  if (typeof processor === "string" && processor.endsWith("-fast")) {
    const message = "Data sources work with the standard processors only, not with the fast ones";
    yield { field: `${field}.data_sources`, message };
  }
}

function* checkDataSources(sources: unknown, field: string, taken: readonly unknown[]): Problems {
  if (!isObject(sources)) {
    yield { field, message: "data_sources must be an object with pay_per_use and free" };
    return;
  }
  for (const [name, list] of Object.entries(sources)) {
    if (name !== "pay_per_use" && name !== "free") {
      yield { field: `${field}.${name}`, message: "Only pay_per_use and free are known" };
    } else if (!isAbsent(list) && !isStringArray(list)) {
      yield { field: `${field}.${name}`, message: "This must be a list of names" };
    } else {
      for (const source of list ?? []) {
        if (!taken.includes(source)) continue;
        const message = `"${source}" is the name of an MCP server too: give the server another one`;
        yield { field: `${field}.${name}`, message };
      }
    }
  }
}

function* checkServers({ mcp_servers: servers }: JsonObject): Problems {
  if (isAbsent(servers)) return;
  const field = "mcp_servers";
  if (!Array.isArray(servers)) {
    yield { field, message: "mcp_servers must be a list" };
    return;
  }
  if (servers.length > limits.MCP_SERVERS) {
    const message =
      `${servers.length} MCP servers are named: at most ${limits.MCP_SERVERS} are allowed`;
    yield { field, message };
  }
  for (const [index, server] of servers.entries()) {
    yield* checkServer(server, `${field}.${index}`, `Server ${index + 1}`);
  }
}

function* checkServer(server: unknown, field: string, name: string): Problems {
  if (!isObject(server)) {
    yield { field, message: `${name} must be an object with a name and a url` };
    return;
  }
  if (!isAbsent(server.type) && server.type !== "url") {
    yield { field: `${field}.type`, message: `${name}: the only type is "url"` };
  }
  if (typeof server.name !== "string" || server.name.trim() === "") {
    yield { field: `${field}.name`, message: `${name} needs a name` };
  }
  if (!isWebUrl(server.url)) {
    yield { field: `${field}.url`, message: `${name} needs a url that starts with https://` };
  }
  const { headers, allowed_tools: tools } = server;
  if (!isAbsent(headers) && !(isObject(headers) && isStringArray(Object.values(headers)))) {
    yield { field: `${field}.headers`, message: `${name}: headers must be an object of texts` };
  }
  if (!isAbsent(tools) && !isStringArray(tools)) {
    yield {
      field: `${field}.allowed_tools`,
      message: `${name}: allowed_tools must be a list of names`,
    };
  }
}

function* checkWebhook({ webhook }: JsonObject): Problems {
  if (isAbsent(webhook)) return;
  if (!isObject(webhook)) {
    yield { field: "webhook", message: "webhook must be an object with a url" };
    return;
  }
  if (!isWebUrl(webhook.url)) {
    yield { field: "webhook.url", message: "The webhook needs a url that starts with https://" };
  }
  const { event_types: types } = webhook;
  const known = isStringArray(types) && types.every((type) => type === "task_run.status");
  if (isAbsent(types) || known) return;
  const message = 'The only event type is "task_run.status"';
  yield { field: "webhook.event_types", message };
}

function* checkRest(body: JsonObject): Problems {
  const { enable_events: events, previous_interaction_id: previous, memory_scope_key: scope } =
    body;
  if (!isAbsent(events) && typeof events !== "boolean") {
    yield { field: "enable_events", message: "enable_events must be true or false" };
  }
  if (!isAbsent(previous) && (typeof previous !== "string" || previous.trim() === "")) {
    const message = "This must be the interaction id of an earlier run";
    yield { field: "previous_interaction_id", message };
  }
  if (!isAbsent(scope) && !(typeof scope === "string" && SCOPE_KEY.test(scope))) {
    const message =
      `The key may hold 1 to ${limits.MEMORY_SCOPE_KEY_CHARS} letters, digits, - and _`;
    yield { field: "memory_scope_key", message };
  }
}

const SCOPE_KEY = new RegExp(`^[a-zA-Z0-9_-]{1,${limits.MEMORY_SCOPE_KEY_CHARS}}$`);

function warningsFor(input: TaskRunInput): Warning[] {
  const output = input.task_spec?.output_schema;
  if (typeof output !== "object" || !("json_schema" in output)) return [];
  const warnings = groupFindings(checkOutputSchema(output.json_schema).warnings);
  const chosen = processor(input.processor);
  const fields = countFields(output.json_schema);
  if (chosen !== null && fields > chosen.fields) {
    warnings.push({
      type: "spec_validation_warning",
      message: `${fields} output fields are many for ${chosen.name}, which fills about ` +
        `${chosen.fields} well: ask for fewer or choose a larger processor`,
      detail: { rule: "too-many-fields" },
    });
  }
  return warnings;
}

/** One warning for each rule, however often it is broken: a schema without `required` breaks it everywhere. */
function groupFindings(findings: readonly Finding[]): Warning[] {
  const byRule = new Map<string, Finding[]>();
  for (const finding of findings) {
    byRule.set(finding.rule, [...byRule.get(finding.rule) ?? [], finding]);
  }
  return [...byRule].map(([rule, [first, ...others]]) => ({
    type: "spec_validation_warning",
    message: `${first!.message}${
      others.length === 0 ? "" : ` (and ${others.length} more like it)`
    }`,
    detail: { rule, paths: [first!, ...others].map(({ path }) => path) },
  }));
}

function isAbsent(value: unknown): value is null | undefined {
  return value === undefined || value === null;
}

function isWebUrl(value: unknown): boolean {
  if (typeof value !== "string" || !URL.canParse(value)) return false;
  const { protocol } = new URL(value);
  return protocol === "https:" || protocol === "http:";
}
