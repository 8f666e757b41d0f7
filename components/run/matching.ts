/** Which events of a trace say something. Pure. */
import { readVerbatim } from "../../lib/base/mod.ts";
import type { LogEvent } from "../../lib/runs/model/mod.ts";

/** Payloads that are read to be searched, all together (characters); of more, their text as it came is. */
const READ_CHARS = 1_000_000;

/** The events that say something, in whatever case. */
export function matching(events: readonly LogEvent[], find: string): readonly LogEvent[] {
  const wanted = find.trim().toLowerCase();
  if (wanted === "") return events;
  // As JSON usually writes it.
  const escaped = JSON.stringify(wanted).slice(1, -1);
  let left = READ_CHARS;
  return events.filter(({ type, data }) => {
    const raw = data.toLowerCase();
    if (type.toLowerCase().includes(wanted) || raw.includes(escaped)) return true;
    left -= data.length;
    return left >= 0 ? plainText(data).toLowerCase().includes(wanted) : raw.includes(wanted);
  });
}

/** JSON as a person reads it: a search must find `“ü”` however it is escaped. */
function plainText(data: string): string {
  try {
    return JSON.stringify(readVerbatim(data)).replaceAll('\\"', '"').replaceAll("\\n", " ");
  } catch {
    return data;
  }
}
