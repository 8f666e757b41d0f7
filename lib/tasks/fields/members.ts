/**
 * Parses and prints the members that need more than their value as text: schemas, webhooks and MCP servers.
 * Pure: runs in a browser.
 */
import { isObject, type JsonObject, parseTyped } from "../../base/mod.ts";
import type { McpServer, TaskRunInput } from "../../parallel/mod.ts";
import { isText, parseJsonField, pretty, type Report, textOf } from "./field.ts";
import { isPrivateHost } from "./hosts.ts";
import { hasMaskedHeader, maskServers, serverList } from "./mcp.ts";

/** The output schema of a request with its type, also from one of the API's short forms. */
export function outputSchemaOf({ task_spec: spec }: TaskRunInput): JsonObject {
  const schema = withType(spec?.output_schema);
  return isObject(schema) ? schema : { type: "auto" };
}

/** Adds the type to a text or an object without one, which the API takes as a schema. Keeps other values. */
export function withType(schema: unknown): unknown {
  if (isText(schema)) return { type: "text", description: schema };
  if (!isObject(schema) || isText(schema.type)) return schema;
  return { type: "json_schema" in schema ? "json" : "text", ...schema };
}

/** Whether a value has the shape of a schema: text, or an object whose known members have their types. */
export function isSchema(value: unknown): boolean {
  if (isText(value)) return true;
  if (!isObject(value)) return false;
  const { type, description, json_schema: schema } = value;
  return [type, description].every((text) => text === undefined || text === null || isText(text)) &&
    (schema === undefined || schema === null || isObject(schema));
}

/** Parses an input schema: a JSON schema, or a description in plain words. */
export function parseInputSchema(typed: string, report: Report): unknown {
  if (typed === "") return null;
  if (!/^[{["]/.test(typed)) return { type: "text", description: typed };
  const value = parseJsonField(typed, report);
  if (isText(value)) return { type: "text", description: value };
  // The API's own text schema: no JSON schema has the type "text".
  if (isObject(value) && value.type === "text" && isText(value.description)) return value;
  if (value !== null && !isObject(value)) {
    report("The schema of the input must be a JSON object, or a description of it");
    return null;
  }
  return value === null ? null : { type: "json", json_schema: unwrapped(value) };
}

/** The text for an input schema. */
export function printInputSchema(given: unknown): string {
  const schema = withType(given);
  if (!isObject(schema)) return "";
  if ("json_schema" in schema) return pretty(schema.json_schema);
  const description = isText(schema.description) ? schema.description : "";
  // Quoted where it would be read as JSON, or lose its spaces.
  return /^[{["\s]|\s$|^$/.test(description) ? JSON.stringify(description) : description;
}

/** The schema in a pasted `{"type": "json", "json_schema": …}`; any other schema as it is. */
export function unwrapped(schema: unknown): unknown {
  return isObject(schema) && isObject(schema.json_schema) && schema.properties === undefined
    ? schema.json_schema
    : schema;
}

/** Whether a value has the shape of a webhook. */
export function isWebhook(value: unknown): value is { readonly url?: string | null } {
  return isObject(value) && (value.url === undefined || value.url === null || isText(value.url));
}

/** The webhook at an address, if Parallel can reach it. */
export function parseWebhook(typed: string, report: Report): unknown {
  if (typed === "") return null;
  const url = URL.canParse(typed) ? new URL(typed) : null;
  if (url?.protocol !== "https:") {
    report("The address must start with https://");
  } else if (isPrivateHost(url.hostname)) {
    report("This host is private: Parallel cannot reach it");
  } else if (url.username !== "" || url.password !== "") {
    report("Leave user name and password out of the address");
  }
  return { url: url?.href ?? typed, event_types: ["task_run.status"] };
}

export const printWebhook = (value: unknown) => isObject(value) ? textOf(value.url) : "";

/** The webhook with its URL normalised, as in the form. */
export function normaliseWebhook(value: unknown): unknown {
  if (!isObject(value) || !isText(value.url) || !URL.canParse(value.url.trim())) return value;
  return { ...value, url: new URL(value.url.trim()).href };
}

/** The message if masked header values must be typed again. */
export const HEADERS_AGAIN = "Enter the header values again: they are secrets and were not kept";

/** The MCP servers of a text, in the API's list. */
export function parseServers(typed: string, report: Report): unknown {
  if (typed === "") return null;
  const read = parseTyped(typed);
  if (!read.ok) {
    // A syntax error quotes the text, which may be a secret.
    report(read.isJson ? read.why : "This is not JSON: it must be a list of servers");
    return null;
  }
  const servers = serverList(read.value);
  if (!Array.isArray(servers)) return servers;
  if (servers.some((each) => isServer(each) && hasMaskedHeader(each))) report(HEADERS_AGAIN);
  return servers.length === 0 ? null : servers;
}

/** The text for MCP servers, with every header value masked. */
export function printServers(value: unknown): string {
  return isServerList(value) && value.length > 0 ? pretty(maskServers(value)) : "";
}

/** Whether a value is a list of objects, as MCP servers are. */
export function isServerList(value: unknown): value is McpServer[] {
  return Array.isArray(value) && value.every(isObject);
}

function isServer(value: unknown): value is McpServer {
  return isObject(value) && isObject(value.headers) && Object.values(value.headers).every(isText);
}
