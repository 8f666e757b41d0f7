/** One line of the benchmarks' table. */
export interface BenchResult {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** What it was measured against in the same run. */
  readonly peer?: string;
  /** Ours to the peer's; which way is better stands in `target`. */
  readonly ratio?: number;
  /** What was promised, in words. */
  readonly target?: string;
  readonly note?: string;
}

/** A benchmark: measures itself and its peers in one run. */
export interface Suite {
  run(): Promise<BenchResult[]>;
  /** Packages that are measured or measured against: names in deno.json, or `npm:name@version`. */
  readonly packages?: readonly string[];
}
