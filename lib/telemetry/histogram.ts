/** Counts durations in fixed ranges: cheap to record, and the counts of several processes can be added. */

/** Upper bounds of the ranges (ms). Longer durations fall into one more range without a bound. */
export const BOUNDS_MS: readonly number[] = [
  0.5,
  1,
  2.5,
  5,
  10,
  25,
  50,
  100,
  250,
  500,
  1_000,
  2_500,
  5_000,
  10_000,
  30_000,
];

/** Counts durations by range. */
export class Histogram {
  readonly #counts = new Array<number>(BOUNDS_MS.length + 1).fill(0);
  readonly #onRecord: (ms: number) => void;
  #sum = 0;
  #count = 0;

  /** `onRecord` is called with every value, for other exporters. */
  constructor(onRecord: (ms: number) => void = () => {}) {
    this.#onRecord = onRecord;
  }

  /** Adds a duration (ms). Counts a negative one, which two different clocks can give, as 0. */
  record(ms: number): void {
    const value = Math.max(0, ms);
    const at = BOUNDS_MS.findIndex((bound) => value <= bound);
    this.#counts[at === -1 ? BOUNDS_MS.length : at]!++;
    this.#sum += value;
    this.#count++;
    this.#onRecord(value);
  }

  get count(): number {
    return this.#count;
  }

  /** The sum of all values (ms). */
  get sum(): number {
    return this.#sum;
  }

  /** Returns the number of values up to each bound, then of all, as Prometheus counts them. */
  cumulative(): readonly { readonly bound: number; readonly count: number }[] {
    let count = 0;
    return [...BOUNDS_MS, Infinity].map((bound, at) => ({
      bound,
      count: count += this.#counts[at]!,
    }));
  }

  /**
   * The bound (ms) of the range in which this share of the values is reached: an upper estimate. `null` without
   * values; `Infinity` if that is the range without a bound.
   */
  quantile(share: number): number | null {
    if (this.#count === 0) return null;
    const wanted = share * this.#count;
    return this.cumulative().find(({ count }) => count >= wanted)?.bound ?? Infinity;
  }
}
