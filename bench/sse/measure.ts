import { median, ratiosOf, spreadOf } from "../statistics.ts";
import type { BenchResult } from "../types.ts";

/** One contender: a pass over the whole input, returning how many events it saw. */
export interface Contender {
  name: string;
  pass: () => number | Promise<number>;
}

/**
 * Runs the contenders in turn, round after round, so that whatever else the machine does hits them
 * alike. The value is events per second in the median round, the ratio the median of the rounds'
 * own ratios. The first contender is ours.
 */
export async function compare(
  name: string,
  events: number,
  contenders: readonly [Contender, ...Contender[]],
  { rounds = 41, warmup = 25, target }: { rounds?: number; warmup?: number; target?: number } = {},
): Promise<BenchResult[]> {
  const times = contenders.map(() => [] as number[]);
  for (let round = -warmup; round < rounds; round++) {
    for (const [n, { name: who, pass }] of contenders.entries()) {
      const started = performance.now();
      const seen = await pass();
      const took = performance.now() - started;
      if (seen !== events) throw new Error(`${name}: ${who} saw ${seen} of ${events} events`);
      if (round >= 0) times[n]!.push(took);
    }
  }
  const [ours = [], ...peers] = times;
  return peers.map((peer, n) => ({
    name,
    value: Math.round(events / (median(ours) / 1000)),
    unit: "events/s",
    peer: contenders[n + 1]!.name,
    ratio: Math.round(median(ratiosOf(peer, ours)) * 100) / 100,
    spread: spreadOf(ratiosOf(peer, ours)),
    ...(target && n === 0 ? { target: `>= ${target}x` } : {}),
  }));
}
