/**
 * Reads pasted MCP servers: the API's list, a single server, or the objects of Claude, Cursor, VS Code and
 * others, which name each server by its key. Masks their secrets, even in invalid JSON. Pure: runs in a
 * browser.
 */
import { isObject, type JsonObject, readVerbatim, REQUEST_BOUNDS } from "../../base/mod.ts";
import type { McpServer } from "../../parallel/mod.ts";

/** Members that hold the servers in the settings of MCP clients. */
const HOLDERS = ["mcpServers", "mcp_servers", "servers"];

/** Clients' names for transports with a URL. The API calls all of them `url`. */
const WEB_TYPES = ["http", "sse", "streamable-http", "streamableHttp"];

/** Clients' names for the URL. */
const ADDRESSES = ["url", "serverUrl", "httpUrl"];

/** The servers as the API's list; a value that holds no servers is returned unchanged. */
export function serverList(value: unknown): unknown {
  if (!isObject(value)) return value;
  const holder = HOLDERS.find((name) => Object.hasOwn(value, name));
  const held = holder === undefined ? value : value[holder];
  if (Array.isArray(held)) return held;
  if (!isObject(held) || (holder === undefined && !isNamed(held))) return [value];
  return Object.entries(held).map(([name, server]) =>
    isObject(server) ? named(name, server) : server
  );
}

/** Whether a value is the settings of an MCP client. */
export function holdsServers(value: unknown): boolean {
  return isObject(value) && Object.keys(value).some((name) => HOLDERS.includes(name));
}

/** Whether the keys of an object are names of servers. */
function isNamed(value: JsonObject): boolean {
  const members = Object.values(value);
  return members.length > 0 &&
    members.every((member) =>
      isObject(member) && ["command", ...ADDRESSES].some((name) => typeof member[name] === "string")
    );
}

function named(name: string, { type, serverUrl, httpUrl, ...server }: JsonObject): JsonObject {
  const url = server.url ?? serverUrl ?? httpUrl;
  const isWeb = typeof type === "string" && WEB_TYPES.includes(type);
  return {
    name,
    ...server,
    ...(url === undefined ? {} : { url }),
    ...(type === undefined || isWeb ? {} : { type }),
  };
}

/** The mask of a header value. Header values are secrets that only the API may get. */
export const MASKED = "••••••";

/** Members of a server that hold no secrets; all others are masked to be safe. */
const SHOWN = ["type", "url", "name", "allowed_tools"];

/** The servers with every header value masked. */
export function maskServers(servers: readonly McpServer[]): McpServer[] {
  return servers.map((server) =>
    server.headers
      ? {
        ...server,
        headers: Object.fromEntries(Object.keys(server.headers).map((name) => [name, MASKED])),
      }
      : server
  );
}

/** The text of the form's `mcp_servers` field without header values, and whether it had any. */
export function maskServersText(text: string): { readonly text: string; readonly masked: boolean } {
  try {
    const value = readVerbatim(text, REQUEST_BOUNDS);
    const servers = serverList(value);
    const isOne = Array.isArray(servers) && servers[0] === value;
    const shown = JSON.stringify(maskValue(isOne ? value : servers), null, 2);
    if (!shown.includes(MASKED)) return { text, masked: false };
    // Already masked: keep it as typed.
    return { text: shown === JSON.stringify(value, null, 2) ? text : shown, masked: true };
  } catch {
    return maskBrokenText(text);
  }
}

/** Whether a header value is still masked, because the form was sent back unchanged. */
export function hasMaskedHeader(server: McpServer): boolean {
  return Object.values(server.headers ?? {}).some((value) => value.includes("•"));
}

function maskValue(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(maskValue);
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) =>
      SHOWN.includes(name) ? [name, member] : [name, maskLeaves(member)]
    ),
  );
}

function maskLeaves(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(maskLeaves);
  if (isObject(value)) {
    return Object.fromEntries(
      Object.entries(value).map(([name, member]) => [name, maskLeaves(member)]),
    );
  }
  return value === null ? null : MASKED;
}

/** Names of headers with secrets, and words before a secret, even where the member is misspelt. */
const SECRET = /header|authori[sz]ation|bearer|basic |cookie|token|secret|password|key/i;

/** Masks every word from the first match of {@linkcode SECRET} on, except the API's own names. */
function maskBrokenText(text: string): { readonly text: string; readonly masked: boolean } {
  const start = text.search(SECRET);
  if (start === -1) return { text, masked: false };
  const known = [...SHOWN, "header", "headers"];
  const rest = text.slice(start).replace(
    /[^\s{}[\],:"']+/g,
    (word) => known.includes(word.toLowerCase()) ? word : "•",
  );
  return { text: text.slice(0, start) + rest, masked: rest.includes("•") };
}
