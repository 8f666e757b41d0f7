/**
 * The fields of the task form, one row each, in the order of the page. The form, its messages, "edit and
 * run", pastes, links, validation and imports all read this table: a new field is a new row here. Pure:
 * runs in a browser.
 */
import { isObject, isRealDate } from "../../base/mod.ts";
import { MCP_SERVERS, processor, PROCESSORS } from "../../parallel/mod.ts";
import {
  checkBoolean,
  checkExcluded,
  checkIncluded,
  checkInput,
  checkMetadata,
  checkProcessor,
  checkServers,
  checkWebhook,
  isCountryCode,
  isInteractionId,
  NO_PROCESSOR,
} from "./checks.ts";
import {
  choice,
  domains,
  fieldTable,
  isText,
  isTicked,
  json,
  line,
  parseJsonField,
  pretty,
  textOf,
} from "./field.ts";
import { serverList } from "./mcp.ts";
import {
  isSchema,
  isServerList,
  isWebhook,
  normaliseWebhook,
  outputSchemaOf,
  parseInputSchema,
  parseServers,
  parseWebhook,
  printInputSchema,
  printServers,
  printWebhook,
  unwrapped,
  withType,
} from "./members.ts";

export const FIELDS = fieldTable({
  input: {
    label: "What do you want to know?",
    control: { kind: "text", rows: 4 },
    path: "input",
    required: "Field required: say what to find out",
    isType: (value) => isText(value) || isObject(value),
    parse: (typed, { input_format: format }, report) => {
      if (format !== "json" || typed === "") return typed;
      const value = parseJsonField(typed, report);
      if (value !== null && !isObject(value)) {
        report('The input must be a JSON object, {"name": …}');
      }
      return value ?? typed;
    },
    print: (value) => isText(value) ? value : pretty(value),
    check: checkInput,
  },
  input_format: choice({
    label: "Input format",
    path: null,
    initial: "text",
    choices: [{ value: "text", label: "Text" }, { value: "json", label: "JSON object" }],
    wrong: "Choose text or JSON",
    print: (_, { input }) => isText(input) ? "text" : "json",
  }),
  processor: {
    label: "Processor",
    control: { kind: "processor" },
    path: "processor",
    // The first processor that reports its progress by default.
    initial: "pro",
    required: NO_PROCESSOR,
    isType: isText,
    parse: (typed, _, report) => {
      if (typed === "") report("Choose a processor");
      else if (processor(typed) === null) {
        const names = PROCESSORS.map(({ name }) => name).join(", ");
        report(`There is no processor of that name. Choose one of ${names}`);
      }
      return typed;
    },
    print: textOf,
    check: checkProcessor,
  },
  output_type: choice({
    label: "Output",
    path: "task_spec.output_schema.type",
    initial: "auto",
    choices: [
      { value: "text", label: "Text" },
      { value: "auto", label: "Auto" },
      { value: "json", label: "JSON fields" },
    ],
    wrong: "Choose text, auto or JSON fields",
    print: (_, request) => textOf(outputSchemaOf(request).type),
  }),
  text_description: {
    label: "What the text should be like",
    hint: "Length, tone, sections. Optional.",
    control: { kind: "text", rows: 2 },
    path: "task_spec.output_schema.description",
    isType: isText,
    parse: (typed, { output_type: type }) => type === "text" && typed !== "" ? typed : null,
    print: (_, request) => textOf(outputSchemaOf(request).description),
  },
  json_schema: {
    label: "JSON schema of the output",
    hint: "An object with properties; the description of each says what to find.",
    control: { kind: "json", rows: 10, tool: "schema" },
    path: "task_spec.output_schema.json_schema",
    listsMistakes: true,
    isType: isObject,
    parse: (typed, { output_type: type }, report) => {
      if (type !== "json") return null;
      if (typed === "") report("Describe the output as a JSON schema, or choose another output");
      return unwrapped(parseJsonField(typed, report)) ?? {};
    },
    print: (_, request) => {
      const { json_schema: schema } = outputSchemaOf(request);
      return schema === undefined ? "" : pretty(schema);
    },
  },
  enable_events: {
    label: "Report progress while it runs",
    control: { kind: "checkbox" },
    path: "enable_events",
    initial: "on",
    isType: (value) => typeof value === "boolean",
    parse: isTicked,
    print: (value, { processor: name }) =>
      value ?? processor(name)?.eventsByDefault ?? false ? "on" : "",
    check: checkBoolean,
  },
  include_domains: domains({
    label: "Only these domains",
    hint: "One per line, or separated by commas. example.com includes its subdomains; .gov and " +
      "docs.python.org/3 work too. Pasted URLs are reduced to their host.",
    group: "sources",
    path: "source_policy.include_domains",
    check: checkIncluded,
  }),
  exclude_domains: domains({
    label: "Never these domains",
    hint: "Ignored when the field above names a domain.",
    group: "sources",
    path: "source_policy.exclude_domains",
    check: checkExcluded,
  }),
  after_date: line({
    label: "Published on or after",
    hint: "A day in UTC.",
    group: "sources",
    path: "source_policy.after_date",
    type: "date",
    rule: (date) =>
      isRealDate(date) ? null : "The date must be a valid date in the form YYYY-MM-DD",
  }),
  location: line({
    label: "Search from",
    hint: "A country as two letters, like de or us.",
    group: "place",
    path: "advanced_settings.location",
    maxLength: 2,
    rule: (code) =>
      isCountryCode(code)
        ? null
        : "The location must be a country as two letters (ISO 3166-1), such as de or us",
  }),
  previous_interaction_id: line({
    label: "Follows the run",
    hint: "The interaction ID of an earlier run. Your finished runs will be listed here.",
    group: "follow_up",
    path: "previous_interaction_id",
    placeholder: "trun_…",
    rule: (id) => isInteractionId(id) ? null : "This must be the interaction ID of an earlier run",
  }),
  input_schema: {
    ...json({
      label: "JSON schema of the input",
      group: "input",
      path: "task_spec.input_schema",
      rows: 5,
      tool: "input",
    }),
    listsMistakes: true,
    isType: isSchema,
    parse: (typed, _, report) => parseInputSchema(typed, report),
    print: printInputSchema,
    normalise: withType,
  },
  webhook_url: {
    ...line({
      label: "Webhook",
      hint: "https, and a host that the internet can reach.",
      group: "webhook",
      path: "webhook",
      type: "url",
      placeholder: "https://",
    }),
    secret: true,
    isType: isWebhook,
    parse: (typed, _, report) => parseWebhook(typed, report),
    print: printWebhook,
    check: checkWebhook,
    normalise: normaliseWebhook,
  },
  metadata: json({
    label: "Metadata",
    hint: "A JSON object: names up to 16 characters; values are text up to 512, numbers, true or " +
      'false. {"customer": "a1"}',
    group: "metadata",
    path: "metadata",
    rows: 2,
    tool: "metadata",
    check: checkMetadata,
  }),
  mcp_servers: {
    ...json({
      label: "MCP servers",
      hint: `A JSON array of at most ${MCP_SERVERS}: [{"name": "docs", "url": "https://…", ` +
        '"headers": {"authorization": "Bearer …"}, "allowed_tools": ["search"]}], ' +
        'or the {"mcpServers": {"docs": {…}}} of Claude and other clients. ' +
        "Header values go to the API and are never shown again.",
      group: "mcp",
      path: "mcp_servers",
      rows: 4,
      tool: "servers",
      check: checkServers,
    }),
    isType: isServerList,
    parse: (typed, _, report) => parseServers(typed, report),
    print: printServers,
    normalise: serverList,
  },
});

export type FormField = keyof typeof FIELDS;

/** Every field as typed; a checkbox is `"on"` or `""`, as a browser posts it. */
export type TaskFormValues = Record<FormField, string>;

/** The names of the fields, in the order of the page. */
export const FORM_FIELDS = Object.keys(FIELDS) as readonly FormField[];

/** Calls a function for every field and collects the texts. */
export function eachField(textOf: (name: FormField) => string): TaskFormValues {
  return Object.fromEntries(FORM_FIELDS.map((name) => [name, textOf(name)])) as TaskFormValues;
}

/** An empty form with default values. */
export function emptyForm(): TaskFormValues {
  return eachField((name) => FIELDS[name].initial ?? "");
}
