/** Finds the events of a trace that match a search. Pure. */
import { readVerbatim } from "../../lib/base/mod.ts";
import type { LogEvent } from "../../lib/runs/model/mod.ts";
import { htmlBytes } from "../../lib/results/mod.ts";

/**
 * The most payloads to parse for a search, in total (characters). Beyond that, their raw text is searched.
 */
const READ_CHARS = 1_000_000;

/** Returns the matching events, ignoring case. */
export function matching(events: readonly LogEvent[], find: string): readonly LogEvent[] {
  const wanted = find.trim().toLowerCase();
  if (wanted === "") return events;
  // As JSON usually encodes it.
  const escaped = JSON.stringify(wanted).slice(1, -1);
  let left = READ_CHARS;
  return events.filter(({ type, data }) => {
    const raw = data.toLowerCase();
    if (type.toLowerCase().includes(wanted) || raw.includes(escaped)) return true;
    left -= data.length;
    return left >= 0 ? plainText(data).toLowerCase().includes(wanted) : raw.includes(wanted);
  });
}

/** JSON as it is displayed: a search must find `“ü”` in any escaping. */
function plainText(data: string): string {
  try {
    return JSON.stringify(readVerbatim(data)).replaceAll('\\"', '"').replaceAll("\\n", " ");
  } catch {
    return data;
  }
}

// How much of a trace fits one page. Pure.
/** The share of a page's 4 MB (bytes): result, input and figures need the rest. */
export const TRACE_BYTES = 2_000_000;
/** Markup of a row (bytes). */
const ROW_BYTES = 700;
/** A row shows its event's text and its payload, each up to this many characters. */
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
