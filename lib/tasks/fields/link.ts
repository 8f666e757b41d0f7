/**
 * A link that fills the form: its fields in the query, so that it works without script and a person
 * can read what it says. Never a secret: no MCP header values, and no webhook, whose address often is
 * one; a link from somebody else cannot set one either. Pure: runs in a browser.
 */
import { FORM_FIELDS, type FormField, type TaskFormValues } from "./names.ts";
import { maskServersText } from "./mcp_headers.ts";

/** Characters of the longest link: chats, mail and proxies pass that on. */
export const LINK_CHARS = 8_000;

/** The fields that a link carries. */
const LINK_FIELDS: readonly FormField[] = FORM_FIELDS.filter((name) => name !== "webhook_url");

/**
 * The path and query that fill a form so; only what differs from `fresh`, an untouched form, is in
 * it. `null` where it would be longer than {@linkcode LINK_CHARS}.
 */
export function formLink(values: TaskFormValues, fresh: TaskFormValues): string | null {
  const query = new URLSearchParams();
  for (const name of LINK_FIELDS) {
    if (values[name] === fresh[name]) continue;
    const shown = name === "mcp_servers" ? maskServersText(values[name]).text : values[name];
    query.set(name, name === "enable_events" && shown === "" ? "off" : shown);
  }
  const link = query.size === 0 ? "/" : `/?${query}`;
  return link.length > LINK_CHARS ? null : link;
}

/** The form that a link fills, or `null` where the query names none of its fields. */
export function valuesFromQuery(
  query: URLSearchParams,
  fresh: TaskFormValues,
): TaskFormValues | null {
  const given = LINK_FIELDS.filter((name) => query.has(name));
  if (given.length === 0) return null;
  const values = { ...fresh };
  for (const name of given) values[name] = query.get(name) ?? "";
  const ticked = !["", "off", "false", "0"].includes(values.enable_events);
  return {
    ...values,
    enable_events: ticked ? "on" : "",
    mcp_servers: maskServersText(values.mcp_servers).text,
  };
}
