/** One line of the benchmarks' table. */
export interface BenchResult {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** What it was measured against in the same run; {@linkcode PROMISE} if there is nothing of its kind. */
  readonly peer: string;
  /** Ratio of ours to the peer's. `target` says which direction is better. */
  readonly ratio?: number;
  /**
   * The lowest and the highest result of the rounds, or their quartiles if there are many rounds: of the
   * ratio if there is one, else of the value. Both are equal for a single round or a count.
   */
  readonly spread: Spread;
  /** What was promised, in words. */
  readonly target?: string;
  /** The highest allowed value. A run above it fails. */
  readonly ceiling?: number;
  readonly note?: string;
}

/** Two ends of a range. */
export type Spread = readonly [low: number, high: number];

/** The peer of numbers that are compared with their target only. */
export const PROMISE = "what we promise";

/** A benchmark: measures itself and its peers in one run. */
export interface Suite {
  run(): Promise<BenchResult[]>;
  /** Packages that are measured or measured against: names in deno.json, or `npm:name@version`. */
  readonly packages?: readonly string[];
}
