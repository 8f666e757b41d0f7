/**
 * How many runs an account has deleted that are not removed for good yet. This module owns
 * `["purging", account]`.
 */

/** The write that counts a run more or less, for the commit that deletes, restores or removes it. */
export function purgingMutation(account: string, amount: 1 | -1): Deno.KvMutation {
  // Sums of KV wrap around at 2^64: taking away is adding the complement.
  const value = new Deno.KvU64(BigInt.asUintN(64, BigInt(amount)));
  return { type: "sum", key: ["purging", account], value };
}

/** The runs that an account has deleted and that are still in the store. */
export async function readPurging(kv: Deno.Kv, account: string): Promise<number> {
  const { value } = await kv.get<Deno.KvU64>(["purging", account]);
  return Number(value?.value ?? 0n);
}
