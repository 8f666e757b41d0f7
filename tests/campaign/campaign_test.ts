/**
 * Whatever breaks, every viewer that keeps resuming ends with exactly the trace. A seed that fails here
 * fails again with `deno run -A bench/campaign/main.ts --seed N`.
 */
import { assert } from "@std/assert";
import { cutOnce, play } from "./seeds.ts";

/** Seeds of one test, and the most faults of each. */
const SEEDS = 40, FAULTS = 30;
/** Tests of that many seeds. */
const TESTS = 4;

for (let n = 0; n < TESTS; n++) {
  const from = 1 + n * SEEDS;
  Deno.test(`seeds ${from} to ${from + SEEDS - 1}: 600 faults and more, and nothing lost, twice or out of order`, async () => {
    let faults = 0;
    for (let seed = from; seed < from + SEEDS; seed++) {
      const report = await play(seed, FAULTS).catch((error) => {
        throw new Error(`Seed ${seed}`, { cause: error });
      });
      for (const count of report.faults.values()) faults += count;
    }
    assert(faults >= 600, `${faults} faults`);
  });
}

for (const where of ["upstream", "viewer"] as const) {
  for (const how of ["end", "reset"] as const) {
    Deno.test(`a ${how} of the ${where}'s connection at every byte offset costs nothing`, async () => {
      let offset = 0;
      while (await cutOnce({ where, how, offset })) offset++;
      assert(offset > 1000, `${offset} offsets`);
    });
  }
}
