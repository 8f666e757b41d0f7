/** Reads the payloads of a log's events on the server. */
import { checkJson } from "../../base/mod.ts";
import { asRecord } from "./event.ts";

/** The payload as an object, or `null` where the upstream sent something else, or JSON past its bounds. */
export function payloadOf(event: { readonly data: string }): Record<string, unknown> | null {
  try {
    checkJson(event.data);
    return asRecord(JSON.parse(event.data));
  } catch {
    return null;
  }
}
