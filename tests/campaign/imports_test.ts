/** Several accounts import one run despite faults: each ends with the whole run or none. */
import { assert } from "@std/assert";
import { playImports } from "./imports.ts";

const SEEDS = 400, FAULTS = 12;

Deno.test(`seeds 1 to ${SEEDS}: imports that overlap, fail and die leave whole runs or none`, async () => {
  let faults = 0, taken = 0;
  for (let seed = 1; seed <= SEEDS; seed++) {
    const report = await playImports(seed, FAULTS).catch((error) => {
      throw new Error(`Seed ${seed}`, { cause: error });
    });
    faults += report.faults;
    taken += report.outcomes.filter((outcome) => outcome === "taken").length;
  }
  assert(faults >= SEEDS && taken >= SEEDS, `${faults} faults, ${taken} taken`);
});
