/** Which events of a trace say something. Pure. */
import { readVerbatim } from "../../lib/base/json.ts";
import type { LogEvent } from "../../lib/runs/event.ts";

/** The events that say something, in whatever case. */
export function matching(events: readonly LogEvent[], find: string): readonly LogEvent[] {
  const wanted = find.trim().toLowerCase();
  if (wanted === "") return events;
  return events.filter(({ type, data }) =>
    type.toLowerCase().includes(wanted) || plainText(data).toLowerCase().includes(wanted)
  );
}

/** JSON as a person reads it: a search must find `“ü”` however it is escaped. */
function plainText(data: string): string {
  try {
    return JSON.stringify(readVerbatim(data)).replaceAll('\\"', '"').replaceAll("\\n", " ");
  } catch {
    return data;
  }
}
