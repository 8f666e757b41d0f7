/**
 * A run's clock, sizes and the start of long texts as people read them. Pure. The rows of a trace need them,
 * which a live page loads after its first paint.
 */
import { UNKNOWN } from "./format.ts";

/** A place on the run's own clock (ms in): `0:31`, `1:02:09`. */
export function clock(ms: number | null): string {
  if (ms === null) return UNKNOWN;
  const seconds = Math.floor(Math.max(0, ms) / 1000);
  const minutes = Math.floor(seconds / 60), hours = Math.floor(minutes / 60);
  const two = (part: number) => `${part % 60}`.padStart(2, "0");
  return `${hours > 0 ? `${hours}:${two(minutes)}` : minutes}:${two(seconds)}`;
}

/** Bytes as a size: `812 B`, `5.1 MB`. */
export function bytes(value: number): string {
  if (value < 1000) return `${value} B`;
  if (value < 1_000_000) return `${(value / 1000).toFixed(value < 10_000 ? 1 : 0)} kB`;
  return `${(value / 1_000_000).toFixed(1)} MB`;
}

/** At most `limit` characters from the start of a text; none is cut in half. A text that fits is returned as it is. */
export function beginning(text: string, limit: number): string {
  return text.length > limit ? text.slice(0, limit).replace(/[\ud800-\udbff]$/, "") : text;
}

/** The start of a text that is too long for a page, with a pointer to the rest. */
export function cut(text: string, limit: number): string {
  if (text.length <= limit) return text;
  return `${text.slice(0, limit)}… (${bytes(text.length)} in all, see result.json)`;
}
