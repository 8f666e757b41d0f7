/**
 * Formats numbers for people. An unknown value is an en dash, never a guess or a zero. Pure. A page that needs
 * one format loads the whole file, so formats that few pages need are in dollars_and_days.ts,
 * clock_and_texts.ts and time_ago.ts.
 */
export const UNKNOWN = "–";

/** A whole number with thousands separators. The first `toLocaleString` of a process takes 10 ms. */
export function count(value: number | null): string {
  return value === null ? UNKNOWN : String(value).replace(/\B(?=(?:\d{3})+$)/g, ",");
}

/** A percentage, rounded down. */
export function percent(value: number | null): string {
  return value === null ? UNKNOWN : `${Math.floor(value)} %`;
}

/** Formats a duration in ms: `0.8 s`, `42 s`, `3 min 40 s`, `1 h 5 min`. */
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

/** Groups up to 99 digits in threes; more would take quadratic time. Returns any other text as it is. */
export function groupDigits(text: string): string {
  const [, sign, whole, rest] = /^(-?)(\d{1,99})(\.\d+)?$/.exec(text) ?? [];
  if (whole === undefined) return text;
  return `${sign}${whole.replace(/\B(?=(?:\d{3})+$)/g, ",")}${rest ?? ""}`;
}
