/**
 * MCP header values are secrets: they go to the API and nowhere else. These functions take them out of
 * whatever is shown again, even where it is not the JSON it should be. Pure.
 */
import { isObject } from "../../base/mod.ts";
import { serverList } from "./mcp_servers.ts";
import type { McpServer } from "../../parallel/mod.ts";

/** What stands where a header value was. */
export const MASKED = "••••••";

/** Members of a server that are no secrets; whatever else stands there is masked to be safe. */
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

/** The text of the form's `mcp_servers` field without header values, and whether it held any. */
export function maskServersText(text: string): { readonly text: string; readonly masked: boolean } {
  try {
    const value: unknown = JSON.parse(text);
    const servers = serverList(value);
    const isOne = Array.isArray(servers) && servers[0] === value;
    const shown = JSON.stringify(maskValue(isOne ? value : servers), null, 2);
    if (!shown.includes(MASKED)) return { text, masked: false };
    // Masked before: as it was typed.
    return { text: shown === JSON.stringify(value, null, 2) ? text : shown, masked: true };
  } catch {
    return maskBrokenText(text);
  }
}

/** Whether a server carries a mask where a header value should be: a form sent back unchanged. */
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

/** What headers with secrets are called, and what stands before one, also where their member is misspelt. */
const SECRET = /header|authori[sz]ation|bearer|basic |cookie|token|secret|password|key/i;

/** From the first such mention on, every word is masked but the API's own and the punctuation. */
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
