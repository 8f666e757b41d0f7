/** `/tasks/:id/result.json`: all data of a run. Pure. */
import { readVerbatim } from "../base/mod.ts";
import type { RunPage } from "../runs/model/mod.ts";

/** Where a run is shared. */
export interface SharedAt {
  readonly url: string;
  /** ISO 8601. */
  readonly created_at: string;
}

/** Builds the document, with the API's own names. Each payload is read only when it is written. */
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
    events: page.events.map(({ id, received_ms, data }) => ({
      id,
      received_ms,
      get event() {
        return payload(data);
      },
    })),
    share,
  };
}

/** Returns the payload as data, or its original text if it is not JSON or too deeply nested to write. */
function payload(data: string): unknown {
  try {
    return readVerbatim(data);
  } catch {
    return data;
  }
}
