/** Kills processes around the ends of runs. A failing seed fails again. */
import { assert, assertStrictEquals } from "@std/assert";
import { playEnds } from "./notify_world.ts";

const SEEDS = 40, KILLS = 6;

Deno.test(`${SEEDS * KILLS} kills around the ends of runs: each end is notified, and repeated only if its response was not stored`, async (t) => {
  let sent = 0, repeats = 0;
  for (let seed = 1; seed <= SEEDS; seed++) {
    const report = await playEnds(seed, KILLS).catch((error) => {
      throw new Error(`Seed ${seed}`, { cause: error });
    });
    sent += report.sent;
    repeats += report.repeats;
  }
  await t.step(`${sent} requests, ${repeats} of them repeats`, () => assert(repeats >= 20));
});

Deno.test("without kills each end is accepted once", async () => {
  for (let seed = 1; seed <= 10; seed++) assertStrictEquals((await playEnds(seed, 0)).repeats, 0);
});
