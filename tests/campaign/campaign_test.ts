/**
 * Despite all faults, every viewer that keeps resuming gets exactly the trace. Repeat a failing seed with
 * `deno run -A bench/campaign/main.ts --seed N`, and `--far` if the message says so.
 */
import { assert } from "@std/assert";
import { cutOnce, play } from "./seeds.ts";

/** Seeds of one test, and the most faults of each. */
const SEEDS = 40, FAULTS = 30;
/** Seeds on a store that is far away: enough that each of its faults happens ten times. */
const FAR_SEEDS = 60;
/** Tests of that many seeds. */
const TESTS = 4;
/** Faults of the way to a store that is far away. */
const FAR_FAULTS = [
  "store is away",
  "store takes no writes",
  "read without an answer",
  "commit without an answer",
  "answer to a commit lost",
];

for (let n = 0; n < TESTS; n++) {
  const from = 1 + n * SEEDS;
  Deno.test(`seeds ${from} to ${from + SEEDS - 1}: over 600 faults, and nothing lost, repeated or out of order`, async () => {
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

Deno.test(`seeds 1 to ${FAR_SEEDS} on a distant store: outages, silence, rejections, lost responses`, async () => {
  const kinds = new Map<string, number>();
  for (let seed = 1; seed <= FAR_SEEDS; seed++) {
    const report = await play(seed, FAULTS, true).catch((error) => {
      throw new Error(`Seed ${seed}, far`, { cause: error });
    });
    for (const [kind, count] of report.faults) kinds.set(kind, (kinds.get(kind) ?? 0) + count);
  }
  for (const kind of FAR_FAULTS) {
    assert((kinds.get(kind) ?? 0) >= 10, `${kind}: ${kinds.get(kind)}`);
  }
});

/** Seeds that once lost messages without telling of the time in which they happened. */
const ONCE: readonly (readonly [seed: number, far: boolean, why: string])[] = [
  [10237, true, "the first replay broke off, and the run ended in the same moment"],
  [10253, false, "a process died while its connection was dead"],
];

for (const [seed, far, why] of ONCE) {
  Deno.test(`seed ${seed}: ${why}`, async () => {
    assert((await play(seed, FAULTS, far)).events > 0);
  });
}

for (const where of ["upstream", "viewer"] as const) {
  for (const how of ["end", "reset"] as const) {
    Deno.test(`a ${how} of the ${where}'s connection at any byte offset loses nothing`, async () => {
      let offset = 0;
      while (await cutOnce({ where, how, offset })) offset++;
      assert(offset > 1000, `${offset} offsets`);
    });
  }
}
