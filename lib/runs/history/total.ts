/** How many runs an account has, from its counters: as quick for a thousand runs as for a million. */
import type { CounterName } from "./counters.ts";
import { countersPrefix } from "./keys.ts";

/** How many runs are in the account's history. */
export async function countRuns(kv: Deno.Kv, account: string): Promise<number> {
  const wanted: CounterName = "runs";
  let runs = 0n;
  for await (const { key, value } of kv.list<Deno.KvU64>({ prefix: countersPrefix(account) })) {
    if (key[3] === wanted) runs += BigInt.asIntN(64, value.value);
  }
  return Number(runs);
}
