/** Whatever breaks, each row of a batch ends with exactly one run. A seed that fails here fails again. */
import { assert } from "@std/assert";
import { playBatch } from "./batch_world.ts";

const SEEDS = 60, FAULTS = 20;

Deno.test(`seeds 1 to ${SEEDS}: 300 faults and more, and no row lost or sent twice`, async () => {
  const kinds = new Map<string, number>();
  for (let seed = 1; seed <= SEEDS; seed++) {
    const faults = await playBatch(seed, FAULTS).catch((error) => {
      throw new Error(`Seed ${seed}`, { cause: error });
    });
    for (const [kind, count] of faults) kinds.set(kind, (kinds.get(kind) ?? 0) + count);
  }
  const all = [...kinds.values()].reduce((sum, count) => sum + count, 0);
  assert(all >= 300, `${all} faults`);
  for (const kind of ["lost after it took effect", "took effect late", "402", "process killed"]) {
    assert((kinds.get(kind) ?? 0) >= 5, `${kind}: ${kinds.get(kind)}`);
  }
});
