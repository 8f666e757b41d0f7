/**
 * The shapes in which people have their MCP servers: the API's list, one server alone, and the objects of
 * Claude, Cursor, VS Code and others, which name each server by its key. Pure.
 */
import { isObject, type JsonObject } from "../../base/mod.ts";

/** Members that hold the servers in the settings of MCP clients. */
const HOLDERS = ["mcpServers", "mcp_servers", "servers"];

/** What clients call the transports that have an address; the API calls both of them `url`. */
const WEB_TYPES = ["http", "sse", "streamable-http", "streamableHttp"];

/** What clients call the address. */
const ADDRESSES = ["url", "serverUrl", "httpUrl"];

/** The servers as the API's list, as far as they are some; any other value as it is. */
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

/** Whether a value is what clients keep their servers in. */
export function holdsServers(value: unknown): boolean {
  return isObject(value) && Object.keys(value).some((name) => HOLDERS.includes(name));
}

/** Whether an object names servers by its keys: a server's own members are no such objects. */
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
