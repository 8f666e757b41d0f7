/** One measured number. `ratio` is ours against the peer's, above 1 when ours is better. */
export type BenchResult = {
  name: string;
  value: number;
  unit: string;
  peer?: string;
  ratio?: number;
  target?: string;
  note?: string;
};
