/** How much of a trace one page carries. Pure. */
import type { LogEvent } from "../../lib/runs/event.ts";

/** Of the 4 MB that a page may have: the result, the input and the figures need the rest (bytes). */
const TRACE_BYTES = 2_000_000;
/** Markup of a row (bytes). */
const ROW_BYTES = 700;
/** A row says what its event says, and shows its payload, each up to so many characters. */
const SHOWN_CHARS = 4_000;

/** The newest events that fit a page. */
export function newestEvents(events: readonly LogEvent[]): readonly LogEvent[] {
  let bytes = 0, from = events.length;
  for (; from > 0; from--) {
    bytes += rowBytes(events[from - 1]!);
    if (bytes > TRACE_BYTES) break;
  }
  return from === 0 ? events : events.slice(from);
}

/** At most: five bytes more for what HTML escapes, three for what UTF-8 writes in more than one. */
function rowBytes({ data, type }: LogEvent): number {
  let bytes = 2 * type.length;
  const shown = data.slice(0, SHOWN_CHARS);
  for (let at = 0; at < shown.length; at++) {
    const char = shown.charCodeAt(at);
    bytes += char > 0x7f ? 3 : char === 0x22 || char === 0x26 || char === 0x3c ? 6 : 1;
  }
  return ROW_BYTES + 2 * bytes;
}
