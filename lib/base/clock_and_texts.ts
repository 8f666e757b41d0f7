/**
 * Formats a run's clock and sizes, and cuts long texts. Pure. A live page loads this file after its first
 * paint, with the rows of its trace.
 */
import { UNKNOWN } from "./format.ts";

/** Formats the time since a run's start (ms): `0:31`, `1:02:09`. */
export function clock(ms: number | null): string {
  if (ms === null) return UNKNOWN;
  const seconds = Math.floor(Math.max(0, ms) / 1000);
  const minutes = Math.floor(seconds / 60), hours = Math.floor(minutes / 60);
  const two = (part: number) => `${part % 60}`.padStart(2, "0");
  return `${hours > 0 ? `${hours}:${two(minutes)}` : minutes}:${two(seconds)}`;
}

/** Formats a number of bytes: `812 B`, `5.1 MB`. */
export function bytes(value: number): string {
  if (value < 1000) return `${value} B`;
  if (value < 1_000_000) return `${(value / 1000).toFixed(value < 10_000 ? 1 : 0)} kB`;
  return `${(value / 1_000_000).toFixed(1)} MB`;
}

/** The first `limit` UTF-16 units of a text, without half a character at the end. */
export function beginning(text: string, limit: number): string {
  return text.length > limit ? text.slice(0, limit).replace(/[\ud800-\udbff]$/, "") : text;
}

/** The start of a text that is too long for a page, with a pointer to the rest. */
export function cut(text: string, limit: number): string {
  if (text.length <= limit) return text;
  return `${beginning(text, limit)}… (${bytes(text.length)} in all, see result.json)`;
}
