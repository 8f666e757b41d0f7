/** Figures of many measurements. */
import type { Spread } from "./types.ts";

/** The value below which the part `p` (0 to 1) of the values lies. */
export function percentile(values: readonly number[], p: number): number {
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * p))] ?? NaN;
}

/** The value in the middle. */
export function median(values: readonly number[]): number {
  return percentile(values, 0.5);
}

/** The range in which values lie: their quartiles if there are eight or more, else all of them. */
export function spreadOf(values: readonly number[]): Spread {
  if (values.length >= 8) return [percentile(values, 0.25), percentile(values, 0.75)];
  return [Math.min(...values), Math.max(...values)];
}

/** The ratio of each round, for two that were measured alternately. */
export function ratiosOf(ours: readonly number[], peer: readonly number[]): number[] {
  return ours.map((value, round) => value / (peer[round] ?? NaN));
}
