/** How much of a trace one page carries. Pure. */
import { htmlBytes } from "../../lib/results/mod.ts";
import type { LogEvent } from "../../lib/runs/model/mod.ts";

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
