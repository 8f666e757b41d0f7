/**
 * A link that fills the form. The fields are in the query, so that it works without JavaScript and people can
 * read it. A link neither contains nor sets a secret (MCP header values, the URL of a webhook). Pure: runs in
 * a browser.
 */
import { isTicked } from "./field.ts";
import { maskServersText } from "./mcp.ts";
import { emptyForm, FIELDS, FORM_FIELDS, type FormField, type TaskFormValues } from "./table.ts";

/** The longest link (characters) that chats, mail and proxies forward. */
export const LINK_CHARS = 8_000;

/** The fields that a link may contain. */
const LINK_FIELDS: readonly FormField[] = FORM_FIELDS.filter((name) => !FIELDS[name].secret);

/**
 * The path and query that fill a form with these values. Omits default values. Returns `null` if the link is
 * longer than {@linkcode LINK_CHARS}.
 */
export function formLink(values: TaskFormValues): string | null {
  const fresh = emptyForm();
  const query = new URLSearchParams();
  for (const name of LINK_FIELDS) {
    if (values[name] === fresh[name]) continue;
    const shown = name === "mcp_servers" ? maskServersText(values[name]).text : values[name];
    const isOff = FIELDS[name].control.kind === "checkbox" && shown === "";
    query.set(name, isOff ? "off" : shown);
  }
  const link = query.size === 0 ? "/" : `/?${query}`;
  return link.length > LINK_CHARS ? null : link;
}

/** Reads form values from a link's query; `null` if it has no field. */
export function valuesFromQuery(query: URLSearchParams): TaskFormValues | null {
  const given = LINK_FIELDS.filter((name) => query.has(name));
  if (given.length === 0) return null;
  const values = emptyForm();
  for (const name of given) values[name] = query.get(name) ?? "";
  for (const name of given) {
    if (FIELDS[name].control.kind === "checkbox") values[name] = isTicked(values[name]) ? "on" : "";
  }
  return { ...values, mcp_servers: maskServersText(values.mcp_servers).text };
}
