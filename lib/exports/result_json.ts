/** `/tasks/:id/result.json`: everything about a run as data. Pure. */
import { isTooDeep } from "../parallel/json.ts";
import type { LogEvent } from "../runs/event.ts";
import type { RunPage } from "../runs/model.ts";

/** Where a run is shared. */
export interface SharedAt {
  readonly url: string;
  /** ISO 8601. */
  readonly created_at: string;
}

/** The document, with the API's own names. */
export function resultJson(page: RunPage, share: SharedAt | null) {
  const { input, ...run } = page.run;
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
    output: page.output,
    events: page.events.map((event) => ({
      id: event.id,
      received_ms: event.received_ms,
      event: payload(event),
    })),
    share,
  };
}

/** The payload as data, or as it came where it is not JSON, or nested too deeply to be written again. */
function payload(event: LogEvent): unknown {
  try {
    const value: unknown = JSON.parse(event.data);
    return isTooDeep(value) ? event.data : value;
  } catch {
    return event.data;
  }
}
