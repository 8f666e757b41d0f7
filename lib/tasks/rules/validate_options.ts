/**
 * The API's checks of everything in a request but the question and the form of its answer: metadata,
 * source policy, settings, MCP servers, webhook. Pure: runs in a browser.
 */
import { isObject, isRealDate, isStringArray, type JsonObject, Numeral } from "../../base/mod.ts";
import { isCountryCode } from "./countries.ts";
import { domainProblem } from "./domains.ts";
import {
  DOMAINS,
  MCP_SERVERS,
  MEMORY_SCOPE_KEY_CHARS,
  METADATA_KEY_CHARS,
  METADATA_VALUE_CHARS,
} from "../../parallel/mod.ts";

/** One thing that the API would refuse. */
export interface Problem {
  /** Dotted path into the request: `task_spec.output_schema.json_schema`. */
  readonly field: string;
  /** What to change. */
  readonly message: string;
}

/** What one check finds. */
export type Problems = Iterable<Problem>;

/** Every check of the options, each of the whole body. */
export const OPTION_CHECKS: readonly ((body: JsonObject) => Problems)[] = [
  checkMetadata,
  checkSourcePolicy,
  checkSettings,
  checkServers,
  checkWebhook,
  checkRest,
];

function* checkMetadata({ metadata }: JsonObject): Problems {
  if (isAbsent(metadata)) return;
  if (!isObject(metadata)) {
    yield { field: "metadata", message: 'Metadata must be a JSON object, such as {"team": "a1"}' };
    return;
  }
  for (const [key, value] of Object.entries(metadata)) {
    const field = `metadata.${key}`;
    if (key.length > METADATA_KEY_CHARS) {
      const message = `The key "${key}" has ${key.length} characters: at most ` +
        `${METADATA_KEY_CHARS} are allowed`;
      yield { field, message };
    }
    if (typeof value === "string") {
      if (value.length <= METADATA_VALUE_CHARS) continue;
      const message = `The value of "${key}" has ${value.length} characters: at most ` +
        `${METADATA_VALUE_CHARS} are allowed`;
      yield { field, message };
    } else if (!isNumber(value) && typeof value !== "boolean") {
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
    if (count > DOMAINS) {
      const message = `${count} domains are named in all: at most ${DOMAINS} are allowed, ` +
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
  if (servers.length > MCP_SERVERS) {
    const message = `${servers.length} MCP servers are named: at most ${MCP_SERVERS} are allowed`;
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
    const message = typeof server.command === "string" && isAbsent(server.url)
      ? `${name} is a command on your computer: the API reaches servers by their url only`
      : `${name} needs a url that starts with https://`;
    yield { field: `${field}.url`, message };
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
  if (!isAbsent(previous) && !isInteractionId(previous)) {
    const message = "This must be the interaction id of an earlier run";
    yield { field: "previous_interaction_id", message };
  }
  if (!isAbsent(scope) && !(typeof scope === "string" && SCOPE_KEY.test(scope))) {
    const message = `The key may hold 1 to ${MEMORY_SCOPE_KEY_CHARS} letters, digits, - and _`;
    yield { field: "memory_scope_key", message };
  }
}

/** The API documents no limit; its ids have 37 characters, and what is far longer is something else. */
const INTERACTION_ID_CHARS = 500;

function isInteractionId(value: unknown): boolean {
  return typeof value === "string" && value.trim() !== "" && value.length <= INTERACTION_ID_CHARS;
}

const SCOPE_KEY = new RegExp(`^[a-zA-Z0-9_-]{1,${MEMORY_SCOPE_KEY_CHARS}}$`);

function isNumber(value: unknown): boolean {
  return typeof value === "number" || value instanceof Numeral;
}

/** Left out, or null: the API takes both for every option. */
export function isAbsent(value: unknown): value is null | undefined {
  return value === undefined || value === null;
}

function isWebUrl(value: unknown): boolean {
  if (typeof value !== "string" || !URL.canParse(value)) return false;
  const { protocol } = new URL(value);
  return protocol === "https:" || protocol === "http:";
}
