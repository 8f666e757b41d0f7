/**
 * Large inputs: how long one request keeps all others waiting, what six large views at once take, how a run
 * of 20,000 events is shown, and how long 10,000 deleted runs take to go.
 */
import type { BenchResult } from "../types.ts";
import { heaviest } from "./heaviest.ts";
import { purge } from "./purge.ts";
import { stretches } from "./stretches.ts";
import { traces } from "./traces.ts";
import { views } from "./views.ts";

export async function run(): Promise<BenchResult[]> {
  return [
    ...await stretches(),
    ...await views(),
    ...await heaviest(),
    ...await traces(),
    await purge(),
  ];
}
