/** Formats ages and exact times. Pure. Lists need these formats, live pages do not. */
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

/** Formats a time (Unix ms) for a tooltip: `2026-11-21 08:16:13 UTC`. */
export function exact(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19).replace("T", " ")} UTC`;
}
