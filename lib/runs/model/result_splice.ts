/**
 * Handles the result inside a terminal event: cuts it out before storage and restores it for viewers.
 * The log keeps small values and viewers get the upstream's exact bytes.
 */
import { memberSpan } from "../../base/mod.ts";

/** A terminal event's payload with the result cut out of it. */
export interface Cut {
  /** The payload with `null` in place of the result: still valid JSON. */
  readonly data: string;
  /** The index of that `null`. */
  readonly at: number;
  /** The result's JSON text. */
  readonly result: string;
}

/**
 * Cuts the result out of a payload. `fetched` is the result if the payload has `null` in its place.
 * Returns `null` if there is no result to cut.
 */
export function cutResult(data: string, fetched: string | null): Cut | null {
  const span = memberSpan(data, "output");
  if (span === null) return null;
  const own = data.slice(...span);
  const result = own === "null" ? fetched : own;
  return result === null ? null : { data: replace(data, span, "null"), at: span[0], result };
}

/** Returns the payload for viewers: with the result, whether it was included or fetched. */
export function withResult(data: string, fetched: string | null): string {
  const span = fetched === null ? null : memberSpan(data, "output");
  if (fetched === null || span === null || data.slice(...span) !== "null") return data;
  return replace(data, span, fetched);
}

function replace(data: string, [start, end]: readonly [number, number], text: string): string {
  return data.slice(0, start) + text + data.slice(end);
}
