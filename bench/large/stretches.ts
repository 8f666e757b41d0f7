/** The longest time for which a request blocks the event loop, for every request on every run. */
import { TestApp } from "../../tests/app/test_app.ts";
import {
  type Ask,
  creating,
  HOSTILE_RUNS,
  hostileFile,
  importing,
  readingRequests,
} from "../../tests/safety/hostile_runs.ts";
import { longestStretch } from "../../tests/cpu_time.ts";
import { spreadOf } from "../statistics.ts";
import { type BenchResult, PROMISE } from "../types.ts";

const ROUNDS = 3;
/** A request whose first round takes less than this share of the longest so far is measured once. */
const NEAR = 0.6;
const LIMIT_MS = 200;

/** One line a request: that of the run on which it took longest. */
export async function stretches(): Promise<BenchResult[]> {
  const worst = new Map<string, BenchResult>();
  const keep = (what: string, name: string, times: readonly number[]) => {
    const sorted = times.toSorted((a, b) => a - b);
    const value = Math.round(sorted[sorted.length >> 1] ?? 0);
    if (value < (worst.get(what)?.value ?? 0)) return;
    worst.set(what, {
      name: `stretch: ${what}`,
      value,
      unit: "ms",
      peer: PROMISE,
      spread: spreadOf(times),
      target: `< ${LIMIT_MS} ms`,
      note: `median of ${times.length}, ${sorted.at(0)?.toFixed(0)} to ${
        sorted.at(-1)?.toFixed(0)
      }; longest of ${Object.keys(HOSTILE_RUNS).length} runs: ${name}`,
    });
  };
  for (const name of Object.keys(HOSTILE_RUNS)) {
    const app = await TestApp.start();
    try {
      const browser = await app.browser().enterSandbox();
      const measure = async (what: string, name: string, ask: (round: number) => Ask) => {
        const times: number[] = [];
        const near = NEAR * (worst.get(what)?.value ?? 0);
        for (let round = 0; round < ROUNDS; round++) {
          const work = ask(round);
          // Garbage of the previous one does not count.
          await new Promise((resolve) => setTimeout(resolve, 50));
          times.push(await longestStretch(() => work(browser), () => performance.now()));
          if (times[0]! < near) return;
        }
        keep(what, name, times);
      };
      const file = (round: number) => importing(hostileFile(name, `trun_${round}`));
      await measure("import", name, file);
      for (const [what, ask] of readingRequests("trun_0")) await measure(what, name, () => ask);
      await measure("create", "a body of 1 MiB", () => creating);
    } finally {
      await app.close();
    }
  }
  return [...worst.values()];
}
