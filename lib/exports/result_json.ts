/** `/tasks/:id/result.json`: all data of a run. Pure. */
import { checkJson, isObject, JsonText } from "../base/mod.ts";
import type { LogEvent, RunPage } from "../runs/model/mod.ts";
import { escaped, keptText } from "./written.ts";

/** Where a run is shared. */
export interface SharedAt {
  readonly url: string;
  /** ISO 8601. */
  readonly created_at: string;
}

/**
 * Builds the document, with the API's own names. The result and the payloads are the text that the API sent:
 * parsing would change the notation of strings, drop members of one name, and sort names that are numbers. Each
 * payload is read only when it is written.
 */
export function resultJson(page: RunPage, share: SharedAt | null) {
  const { input, ...run } = page.run;
  const output = keptText(page);
  return {
    run: {
      ...run,
      title: page.title,
      status: page.view.status,
      is_active: page.view.isActive && !page.ended,
      warnings: page.view.warnings,
      error: page.view.error,
      ended_ms: page.ended_ms,
      recording_gaps: page.gaps ?? [],
    },
    input,
    output: output === null ? page.output : new JsonText(escaped(output)),
    events: page.events.map(writtenEvent),
    share,
  };
}

/**
 * An event as `{id, received_ms, event}`. As in a trace, it also has `type` if the payload does not name it, and
 * `text`, the original payload, if the payload is a JSON string, which would look like a text that is no JSON.
 */
function writtenEvent({ id, received_ms, type, data }: LogEvent) {
  return {
    id,
    received_ms,
    get type() {
      const event = payload(data);
      return isObject(event) && event.type === type ? undefined : type;
    },
    get event() {
      return payload(data) === undefined ? data : new JsonText(escaped(data));
    },
    get text() {
      return /^\s*"/.test(data) && payload(data) !== undefined ? data : undefined;
    },
  };
}

/** Returns the payload as data; `undefined` if it is not JSON or too deeply nested to write. */
function payload(data: string): unknown {
  try {
    checkJson(data);
    return JSON.parse(data);
  } catch {
    return undefined;
  }
}
