/** `/tasks/:id/result.json`: all data of a run. Pure. */
import { isObject, JsonText, JsonWork, readingVerbatim } from "../base/mod.ts";
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
 * parsing would change the escapes of strings and drop repeated members. Each payload is read only when it is
 * written.
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
    events: page.events.map((event) => new JsonWork(() => writtenEvent(event))),
    share,
  };
}

/**
 * An event as `{id, received_ms, event}`. As in a trace, it also has `type` if the payload does not name it, and
 * `text`, the original payload, if the payload is a JSON string: as `event`, it would look like invalid JSON.
 */
function* writtenEvent({ id, received_ms, type, data }: LogEvent): Generator<"", unknown> {
  const event = yield* payload(data);
  return {
    id,
    received_ms,
    type: isObject(event) && event.type === type ? undefined : type,
    event: event === undefined ? data : new JsonText(escaped(data)),
    text: event !== undefined && /^\s*"/.test(data) ? data : undefined,
  };
}

/** Returns the payload as data; `undefined` if it is not JSON or too deeply nested to write. */
function* payload(data: string): Generator<"", unknown> {
  try {
    return yield* readingVerbatim(data);
  } catch {
    return undefined;
  }
}
