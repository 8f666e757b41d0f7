/** Reads the values of many keys. */

/** KV reads at most this many keys per call. */
const GET_MANY = 10;

/** Returns the values of keys, `null` for keys without one. */
export async function readMany<T>(
  kv: Deno.Kv,
  keys: readonly Deno.KvKey[],
): Promise<(T | null)[]> {
  const batches = Array.from(
    { length: Math.ceil(keys.length / GET_MANY) },
    (_, batch) => kv.getMany<T[]>(keys.slice(batch * GET_MANY, (batch + 1) * GET_MANY)),
  );
  return (await Promise.all(batches)).flat().map(({ value }) => value);
}
