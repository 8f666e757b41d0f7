/** The values that an import accepts: whatever the log and the API's clients keep, so exports can come back. Pure. */
import { beginning, isNumber, isObject, isShownTime } from "../base/mod.ts";
import { isInteractionId } from "../tasks/fields/mod.ts";
import { EVENT_TYPE_CHARS, type RecordingGap, STATUS_CHARS } from "../runs/model/mod.ts";

/**
 * Returns a number of a file as a double: other programs may write 1 as `1.0`. `-0` is 0, because keys sort it
 * below. Returns other values unchanged.
 */
export function asDouble(value: unknown): unknown {
  return isNumber(value) ? Number(value) + 0 : value;
}

/** Returns whether a value can be the id of a run. */
export function isId(value: unknown): value is string {
  return typeof value === "string" && /^[\w-]{1,100}$/.test(value);
}

/** Returns whether a value can be the id of an interaction, which the API does not describe. */
export function isInteraction(value: unknown): value is string {
  return typeof value === "string" && isInteractionId(value);
}

/** Returns whether a value can be the name of a processor. */
export function isProcessor(value: unknown): value is string {
  return typeof value === "string" && value !== "" && value.length <= 100;
}

/** Returns a run's status as the log keeps it; `null` if it has none. */
export function readStatus(value: unknown): string | null {
  return typeof value === "string" && value !== "" ? beginning(value, STATUS_CHARS) : null;
}

/** Returns whether a value can be the type of an event: a line of a stream, as long as the log keeps it. */
export function isEventType(value: unknown): value is string {
  return typeof value === "string" && value.length <= EVENT_TYPE_CHARS && /^[^\r\n]+$/.test(value);
}

/** Returns whether a value is a time that pages can show (Unix ms). */
export function isTime(value: unknown): value is number {
  return typeof value === "number" && isShownTime(value);
}

/**
 * US dollars. No run costs this much, and larger sums would not stay integers. `null` is an unknown price.
 */
const MAX_USD = 10_000;

/** Returns whether a value can be the price of a run (US dollars). */
export function isPrice(value: unknown): value is number {
  return typeof value === "number" && value >= 0 && value <= MAX_USD;
}

/** The same limit as in a head. */
const MAX_GAPS = 20;

/** Reads the times without a recording. Skips invalid ones. */
export function readGaps(value: unknown): readonly RecordingGap[] {
  if (!Array.isArray(value)) return [];
  return value.slice(0, MAX_GAPS).flatMap((gap: unknown) => {
    if (!isObject(gap)) return [];
    const [after, from_ms, to_ms] = [gap.after, gap.from_ms, gap.to_ms].map(asDouble);
    if (!isTime(from_ms) || !isTime(to_ms) || !Number.isSafeInteger(after)) return [];
    return [{ after: Number(after), from_ms, to_ms }];
  });
}
