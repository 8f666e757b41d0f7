/** Finds a text in events: on the server, and in a live page for new events. Pure. */
import { containing, readVerbatim } from "../../base/mod.ts";
import type { LogEvent } from "./event.ts";

/** The most payloads to parse for a search, in total (characters). Beyond that, their raw text is searched. */
const READ_CHARS = 1_000_000;

/** Returns whether an event contains a text, as {@linkcode containing} compares. */
export function matching(find: string): (event: LogEvent) => boolean {
  const wanted = find.trim();
  if (wanted === "") return () => true;
  const isIn = containing([wanted]);
  // As JSON usually encodes it.
  const isEncodedIn = containing([JSON.stringify(wanted).slice(1, -1)]);
  let left = READ_CHARS;
  return ({ type, data }) => {
    if (isIn(type) || isEncodedIn(data)) return true;
    left -= data.length;
    return isIn(left >= 0 ? plainText(data) : data);
  };
}

/** JSON as it is displayed: a search must find `“ü”` in any escaping. */
function plainText(data: string): string {
  try {
    return JSON.stringify(readVerbatim(data)).replaceAll('\\"', '"').replaceAll("\\n", " ");
  } catch {
    return data;
  }
}
