/** Converts the texts of metadata and MCP servers to rows and back. Pure: runs in a browser. */
import {
  inOrder,
  isNumber,
  isObject,
  isStringArray,
  type JsonObject,
  locateJson,
  readVerbatim,
} from "../../base/mod.ts";
import { MASKED, serverList } from "./mcp.ts";

/** One pair of the metadata, as typed. */
export interface MetadataRow {
  readonly name: string;
  readonly value: string;
  readonly kind: "text" | "number" | "boolean";
}

/** The rows of a metadata field; `null` if rows cannot show all of its text. */
export function readMetadata(text: string): MetadataRow[] | null {
  const value = valueOf(text, "{}");
  if (!isObject(value)) return null;
  const rows: MetadataRow[] = [];
  for (const [name, member] of Object.entries(value)) {
    if (typeof member === "string") rows.push({ name, value: member, kind: "text" });
    else if (typeof member === "boolean") rows.push({ name, value: `${member}`, kind: "boolean" });
    else if (isNumber(member)) rows.push({ name, value: String(member), kind: "number" });
    else return null;
  }
  return rows;
}

/** The metadata field's text, without rows that have no name yet. */
export function writeMetadata(rows: readonly MetadataRow[]): string {
  const pairs = rows.filter(({ name }) => name !== "").map(({ name, value, kind }) =>
    [
      name,
      kind === "text" ? value : kind === "boolean" ? value === "true" : numberOf(value),
    ] as const
  );
  return pairs.length === 0 ? "" : JSON.stringify(inOrder(pairs), null, 2);
}

/** Parses a number with all its digits. Other text stays text, which the field's check reports. */
function numberOf(value: string): unknown {
  try {
    const number = readVerbatim(value);
    return isNumber(number) ? number : value;
  } catch {
    return value;
  }
}

/** One header of a server. */
export interface HeaderRow {
  readonly name: string;
  readonly value: string;
}

/** One MCP server, as typed. */
export interface ServerRow {
  readonly name: string;
  readonly url: string;
  readonly headers: readonly HeaderRow[];
  /** Names separated by commas; empty allows all tools. */
  readonly tools: string;
}

const MEMBERS = ["type", "name", "url", "headers", "allowed_tools"];

/** The rows of an MCP servers field; `null` if rows cannot show all of its text. */
export function readServers(text: string): ServerRow[] | null {
  const list = serverList(valueOf(text, "[]"));
  if (!Array.isArray(list)) return null;
  const rows = list.map(readServer);
  return rows.every((row) => row !== null) ? rows : null;
}

function readServer(server: unknown): ServerRow | null {
  if (!isObject(server) || !Object.keys(server).every((key) => MEMBERS.includes(key))) return null;
  const { type = "url", name = "", url = "", headers, allowed_tools: tools } = server;
  if (type !== "url" || typeof name !== "string" || typeof url !== "string") return null;
  const pairs = Object.entries(isObject(headers) ? headers : {});
  const list = isStringArray(tools) ? tools : [];
  const odd = (headers !== undefined && headers !== null && !isObject(headers)) ||
    (tools !== undefined && tools !== null && !isStringArray(tools)) ||
    // An empty list allows no tool; an empty field allows all.
    (isStringArray(tools) && tools.length === 0) ||
    list.some((tool) => tool.includes(",") || tool.trim() !== tool || tool === "") ||
    pairs.some(([, header]) => typeof header !== "string");
  if (odd) return null;
  return {
    name,
    url,
    headers: pairs.map(([header, text]) => ({ name: header, value: String(text) })),
    tools: list.join(", "),
  };
}

/** The MCP servers field's text. A header without a value gets the mask, which asks for the value. */
export function writeServers(rows: readonly ServerRow[]): string {
  const servers = rows.filter((row) => row.name !== "" || row.url !== "").map((row) => {
    const server: JsonObject = { name: row.name, url: row.url };
    const headers = row.headers.filter(({ name }) => name !== "");
    if (headers.length > 0) {
      server.headers = Object.fromEntries(
        headers.map(({ name, value }) => [name, value === "" ? MASKED : value]),
      );
    }
    const tools = row.tools.split(",").map((tool) => tool.trim()).filter((tool) => tool !== "");
    if (tools.length > 0) server.allowed_tools = tools;
    return server;
  });
  return servers.length === 0 ? "" : JSON.stringify(servers, null, 2);
}

/** The value of a text; `undefined` if rows written back would lose some of it. */
function valueOf(typed: string, empty: string): unknown {
  const text = typed.trim();
  if (text === "") return JSON.parse(empty);
  try {
    return locateJson(text).lossless ? readVerbatim(text) : undefined;
  } catch {
    return undefined;
  }
}
