/**
 * A measured figure.
 */
export type BenchResult = {
  name: string;
  value: number;
  unit: string;
  /** What it is compared with, measured in the same run. */
  peer?: string;
  /** value / the peer's value. */
  ratio?: number;
  target?: string;
  note?: string;
};
