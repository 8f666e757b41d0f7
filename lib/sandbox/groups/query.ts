/** Reads query parameters, and rejects them as the group endpoints do. */
import { refuseBody } from "./add.ts";

/** Reads a boolean as the API's framework does, or returns a 422. */
export function readSwitch(
  query: URLSearchParams,
  name: string,
  fallback: boolean,
): boolean | Response {
  const text = (query.get(name) || `${fallback}`).toLowerCase();
  if (/^(?:true|1|yes|on)$/.test(text)) return true;
  if (/^(?:false|0|no|off)$/.test(text)) return false;
  return refuseQuery(name, "Input should be a valid boolean");
}

/** A 422 for one member of the query. */
export function refuseQuery(name: string, message: string): Response {
  return refuseBody([{ field: name, message }], "query");
}
