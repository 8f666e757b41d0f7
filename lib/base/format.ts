/**
 * Figures as people read them. Unknown is an en dash, never a guess or a zero. Pure. A page that needs one
 * of them loads this file whole: what the form needs is in dollars_and_days.ts.
 */
export const UNKNOWN = "–";

/** A whole number with thousands separators. The first `toLocaleString` of a process takes 10 ms. */
export function count(value: number | null): string {
  return value === null ? UNKNOWN : String(value).replace(/\B(?=(?:\d{3})+$)/g, ",");
}

/** A share of a hundred, whole. */
export function percent(value: number | null): string {
  return value === null ? UNKNOWN : `${Math.floor(value)} %`;
}

/** How long something took (ms in): `0.8 s`, `42 s`, `3 min 40 s`, `1 h 5 min`. */
export function duration(ms: number | null): string {
  if (ms === null) return UNKNOWN;
  if (ms < 9_950) return `${(Math.max(0, ms) / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${seconds % 60} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** Formats an elapsed time (ms), in whole seconds so it does not flicker. */
export function elapsed(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  return seconds < 10 ? `${seconds} s` : duration(seconds * 1000);
}

/** A place on the run's own clock (ms in): `0:31`, `1:02:09`. */
export function clock(ms: number | null): string {
  if (ms === null) return UNKNOWN;
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const hours = Math.floor(seconds / 3600), minutes = Math.floor(seconds / 60) % 60;
  const two = (part: number) => String(part).padStart(2, "0");
  return `${hours > 0 ? `${hours}:${two(minutes)}` : minutes}:${two(seconds % 60)}`;
}

/** Bytes as a size: `812 B`, `5.1 MB`. */
export function bytes(value: number): string {
  if (value < 1000) return `${value} B`;
  if (value < 1_000_000) return `${(value / 1000).toFixed(value < 10_000 ? 1 : 0)} kB`;
  return `${(value / 1_000_000).toFixed(1)} MB`;
}

/** At most `limit` characters from the start of a text, and never half of one. */
export function beginning(text: string, limit: number): string {
  return text.slice(0, limit).replace(/[\ud800-\udbff]$/, "");
}

/** The start of a text that is too long for a page, with a pointer to the rest. */
export function cut(text: string, limit: number): string {
  if (text.length <= limit) return text;
  return `${text.slice(0, limit)}… (${bytes(text.length)} in all, see result.json)`;
}

// Moments as people read them. Pure.
const STEPS: readonly (readonly [label: string, ms: number])[] = [
  ["y", 365 * 86_400_000],
  ["mo", 30 * 86_400_000],
  ["d", 86_400_000],
  ["h", 3_600_000],
  ["min", 60_000],
];

/** How long ago (ms in): `just now`, `2 min ago`, `3 d ago`. */
export function ago(ms: number): string {
  for (const [label, step] of STEPS) {
    if (ms >= step) return `${Math.floor(ms / step)} ${label} ago`;
  }
  return "just now";
}

/** The exact moment for a tooltip: `2026-11-21 08:16:13 UTC`. */
export function exact(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19).replace("T", " ")} UTC`;
}
