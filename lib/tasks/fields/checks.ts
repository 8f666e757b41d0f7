/** The API's rules for the members of a request that need more than a type. Pure: runs in a browser. */
import { isNumber, isObject, isStringArray, isTooDeep, MAX_DEPTH } from "../../base/mod.ts";
import {
  DOMAINS,
  MCP_SERVERS,
  MEMORY_SCOPE_KEY_CHARS,
  METADATA_KEY_CHARS,
  METADATA_VALUE_CHARS,
} from "../../parallel/mod.ts";
import { overLimit } from "../schema/mod.ts";
import { type Check, isAbsent, isText, type Problem } from "./field.ts";
import { domainProblem } from "./hosts.ts";

export const checkInput: Check = function* (input, field) {
  if (isText(input)) {
    if (input.trim() === "") yield { field, message: "Say what to find out" };
  } else if (!isObject(input)) {
    yield { field, message: "The input must be text or a JSON object" };
  } else if (isTooDeep(input)) {
    yield { field, message: `The input is nested deeper than ${MAX_DEPTH} levels` };
  }
};

export const checkProcessor: Check = function* (name, field) {
  if (isText(name) && name !== "") return;
  yield { field, message: NO_PROCESSOR };
};

export const NO_PROCESSOR = "Field required: name a processor, such as base";

export const checkBoolean: Check = function* (value, field) {
  if (typeof value !== "boolean") yield { field, message: "This must be true or false" };
};

export const checkMetadata: Check = function* (metadata, path) {
  if (!isObject(metadata)) {
    yield { field: path, message: 'Metadata must be a JSON object, such as {"team": "a1"}' };
    return;
  }
  for (const [key, value] of Object.entries(metadata)) {
    const field = `${path}.${key}`;
    if (key.length > METADATA_KEY_CHARS) {
      const message = overLimit(`The key "${key}" has`, key.length, METADATA_KEY_CHARS);
      yield { field, message };
    }
    if (isText(value)) {
      if (value.length <= METADATA_VALUE_CHARS) continue;
      const message = overLimit(`The value of "${key}" has`, value.length, METADATA_VALUE_CHARS);
      yield { field, message };
    } else if (!isNumber(value) && typeof value !== "boolean") {
      yield { field, message: `The value of "${key}" must be text, a number, true or false` };
    }
  }
};

export const checkIncluded: Check = function* (list, path) {
  yield* checkDomains(list, path, 0);
};

/** Both lists of a source policy share one limit. */
export const checkExcluded: Check = function* (list, path, { source_policy: policy }) {
  const included = isObject(policy) ? policy.include_domains : null;
  yield* checkDomains(list, path, Array.isArray(included) ? included.length : 0);
};

/** The most of an entry that a message quotes (characters). */
const DOMAIN_CHARS = 100;

function* checkDomains(list: unknown, field: string, others: number): Iterable<Problem> {
  if (!isStringArray(list)) {
    yield { field, message: "This must be a list of domains" };
    return;
  }
  for (const domain of list.slice(0, DOMAINS)) {
    const problem = domainProblem(domain);
    const shown = domain.length > DOMAIN_CHARS ? `${domain.slice(0, DOMAIN_CHARS)}…` : domain;
    if (problem !== null) yield { field, message: `"${shown}": ${problem}` };
  }
  const count = list.length + others;
  if (count > DOMAINS) {
    const message = `${count} domains are named in all: at most ${DOMAINS} are allowed, ` +
      "included and excluded together";
    yield { field, message };
  }
}

export const checkDataSources: Check = function* (sources, path, request) {
  const { mcp_servers: servers, processor } = request;
  const names = Array.isArray(servers)
    ? servers.map((each) => isObject(each) ? each.name : null)
    : [];
  if (!isObject(sources)) {
    const message = "data_sources must be an object with pay_per_use and free";
    yield { field: path, message };
  } else {
    for (const [name, list] of Object.entries(sources)) {
      yield* checkSourceList(list, name, `${path}.${name}`, names);
    }
  }
  if (isText(processor) && processor.endsWith("-fast")) {
    const message = "Data sources work with the standard processors only, not with the fast ones";
    yield { field: path, message };
  }
};

function* checkSourceList(
  list: unknown,
  name: string,
  field: string,
  servers: readonly unknown[],
): Iterable<Problem> {
  if (name !== "pay_per_use" && name !== "free") {
    yield { field, message: "Choose pay_per_use or free" };
  } else if (!isAbsent(list) && !isStringArray(list)) {
    yield { field, message: "This must be a list of names" };
  } else {
    for (const source of list ?? []) {
      if (!servers.includes(source)) continue;
      const message = `"${source}" is the name of an MCP server too: give the server another one`;
      yield { field, message };
    }
  }
}

export const checkServers: Check = function* (servers, path) {
  if (!Array.isArray(servers)) {
    yield { field: path, message: "mcp_servers must be a list" };
    return;
  }
  if (servers.length > MCP_SERVERS) {
    const message = `${servers.length} MCP servers are named: at most ${MCP_SERVERS} are allowed`;
    yield { field: path, message };
  }
  for (const [index, server] of servers.slice(0, MCP_SERVERS).entries()) {
    yield* checkServer(server, `${path}.${index}`, `Server ${index + 1}`);
  }
};

function* checkServer(server: unknown, field: string, name: string): Iterable<Problem> {
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

export const checkWebhook: Check = function* (webhook, path) {
  if (!isObject(webhook)) {
    yield { field: path, message: "webhook must be an object with a url" };
    return;
  }
  if (!isWebUrl(webhook.url)) {
    yield { field: `${path}.url`, message: "The webhook needs a url that starts with https://" };
  }
  const { event_types: types } = webhook;
  const known = isStringArray(types) && types.every((type) => type === "task_run.status");
  if (isAbsent(types) || known) return;
  yield { field: `${path}.event_types`, message: 'The only event type is "task_run.status"' };
};

function isWebUrl(value: unknown): boolean {
  if (!isText(value) || !URL.canParse(value)) return false;
  const { protocol } = new URL(value);
  return protocol === "https:" || protocol === "http:";
}

export const checkScopeKey: Check = function* (key, field) {
  if (isText(key) && SCOPE_KEY.test(key)) return;
  const message = `The key may hold 1 to ${MEMORY_SCOPE_KEY_CHARS} letters, digits, - and _`;
  yield { field, message };
};

const SCOPE_KEY = new RegExp(`^[a-zA-Z0-9_-]{1,${MEMORY_SCOPE_KEY_CHARS}}$`);

/** The API documents no limit. Its ids have 37 characters; a far longer text is something else. */
const INTERACTION_ID_CHARS = 500;

export function isInteractionId(text: string): boolean {
  return text.trim() !== "" && text.length <= INTERACTION_ID_CHARS;
}

/** Whether the text is a country code, in either case. */
export function isCountryCode(text: string): boolean {
  return /^[a-z]{2}$/i.test(text) && COUNTRY_CODES.includes(text.toUpperCase());
}

/** ISO 3166-1 alpha-2: the 249 codes in force. */
const COUNTRY_CODES =
  "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN " +
  "BO BQ BR BS BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM " +
  "DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU " +
  "GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY " +
  "KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW " +
  "MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE " +
  "RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK " +
  "TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW";
