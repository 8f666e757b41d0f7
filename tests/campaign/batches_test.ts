/**
 * Despite all faults, each row of a batch ends with exactly one run. A failing seed fails again.
 *
 * `BATCH_SEEDS=600` plays more seeds, `BATCH_SEEDS=17-17` one of them.
 */
import { assert } from "@std/assert";
import { playBatch } from "./batch_world.ts";

const SEEDS = 60, FAULTS = 20;
const [, FIRST = "1", LAST = `${SEEDS}`] =
  /^(?:(\d+)-)?(\d+)$/.exec(Deno.env.get("BATCH_SEEDS") ?? "") ?? [];
const [first, last] = [Number(FIRST), Number(LAST)];

Deno.test(`seeds ${first} to ${last}: no row is lost or sent twice under any failure`, async () => {
  const kinds = new Map<string, number>();
  for (let seed = first; seed <= last; seed++) {
    const faults = await playBatch(seed, FAULTS).catch((error) => {
      throw new Error(`Seed ${seed}`, { cause: error });
    });
    for (const [kind, count] of faults) kinds.set(kind, (kinds.get(kind) ?? 0) + count);
  }
  const all = [...kinds.values()].reduce((sum, count) => sum + count, 0);
  if (last - first + 1 > SEEDS) {
    Deno.stderr.writeSync(
      new TextEncoder().encode(`${all} faults: ${JSON.stringify(Object.fromEntries(kinds))}\n`),
    );
  }
  if (last - first + 1 < SEEDS) return;
  assert(all >= 300, `${all} faults`);
  for (const kind of ["lost after it took effect", "took effect late", "402", "process killed"]) {
    assert((kinds.get(kind) ?? 0) >= 5, `${kind}: ${kinds.get(kind)}`);
  }
});

const FAR_SEEDS = 40;

Deno.test(`seeds 1 to ${FAR_SEEDS} on a distant store: no row is lost or sent twice`, async () => {
  const kinds = new Map<string, number>();
  for (let seed = 1; seed <= FAR_SEEDS; seed++) {
    const faults = await playBatch(seed, FAULTS, { isFar: true }).catch((error) => {
      throw new Error(`Seed ${seed}, far`, { cause: error });
    });
    for (const [kind, count] of faults) kinds.set(kind, (kinds.get(kind) ?? 0) + count);
  }
  for (const kind of ["store is away", "store takes no writes", "commit without an answer"]) {
    assert((kinds.get(kind) ?? 0) >= 5, `${kind}: ${kinds.get(kind)}`);
  }
});

const GOING_ON_SEEDS = 60;

Deno.test(`seeds 1 to ${GOING_ON_SEEDS} with retries, other processors, more rows and more columns: each attempt has one run`, async () => {
  const kinds = new Map<string, number>();
  for (let seed = 1; seed <= GOING_ON_SEEDS; seed++) {
    const options = { goesOn: true, isFar: seed % 3 === 0 };
    const faults = await playBatch(seed, 2 * FAULTS, options).catch((error) => {
      throw new Error(`Seed ${seed}, going on`, { cause: error });
    });
    for (const [kind, count] of faults) kinds.set(kind, (kinds.get(kind) ?? 0) + count);
  }
  for (const kind of ["retry", "escalate", "add rows", "add columns", "process killed"]) {
    assert((kinds.get(kind) ?? 0) >= 10, `${kind}: ${kinds.get(kind)}`);
  }
});

const ADOPTING_SEEDS = 40;

Deno.test(`seeds 1 to ${ADOPTING_SEEDS} of adopted groups: each run becomes one row, and none is sent`, async () => {
  const kinds = new Map<string, number>();
  for (let seed = 1; seed <= ADOPTING_SEEDS; seed++) {
    const options = { adopts: true, isFar: seed % 3 === 0 };
    const faults = await playBatch(seed, FAULTS, options).catch((error) => {
      throw new Error(`Seed ${seed}, adopting`, { cause: error });
    });
    for (const [kind, count] of faults) kinds.set(kind, (kinds.get(kind) ?? 0) + count);
  }
  for (const kind of ["listing cut", "listing refused", "process killed"]) {
    assert((kinds.get(kind) ?? 0) >= 5, `${kind}: ${kinds.get(kind)}`);
  }
});
