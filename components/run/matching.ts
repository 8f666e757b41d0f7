/** Which events of a trace say something. Pure. */
import { readVerbatim } from "../../lib/base/mod.ts";
import type { LogEvent } from "../../lib/runs/model/mod.ts";
import { htmlBytes } from "../../lib/results/mod.ts";

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

// How much of a trace one page carries. Pure.
/** Of the 4 MB that a page may have: the result, the input and the figures need the rest (bytes). */
export const TRACE_BYTES = 2_000_000;
/** Markup of a row (bytes). */
const ROW_BYTES = 700;
/** A row says what its event says, and shows its payload, each up to so many characters. */
const SHOWN_CHARS = 4_000;

/** The newest events that fit a page. */
export function newestEvents(
  events: readonly LogEvent[],
  most = TRACE_BYTES,
): readonly LogEvent[] {
  let bytes = 0, from = events.length;
  for (; from > 0; from--) {
    bytes += rowBytes(events[from - 1]!);
    if (bytes > most) break;
  }
  return from === 0 ? events : events.slice(from);
}

function rowBytes({ data, type }: LogEvent): number {
  return ROW_BYTES + 2 * type.length + 2 * htmlBytes(data, SHOWN_CHARS);
}
