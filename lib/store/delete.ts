/** Deletes many keys, in commits within KV's limits. */
import type { Committer } from "./committer.ts";

/** Keys per commit. KV allows 1,000 mutations. */
const BATCH = 500;

/** Deletes the keys in order. A crash between two commits leaves the rest. */
export async function deleteAll(
  committer: Pick<Committer, "commit">,
  keys: readonly Deno.KvKey[],
): Promise<void> {
  for (let start = 0; start < keys.length; start += BATCH) {
    const mutations = keys.slice(start, start + BATCH).map((key) => ({
      type: "delete" as const,
      key,
    }));
    await committer.commit({ mutations });
  }
}

/** Deletes the entry at a key and every entry below it, in batches: they may not fit in memory. */
export async function deletePrefix(
  kv: Deno.Kv,
  committer: Pick<Committer, "commit">,
  prefix: Deno.KvKey,
): Promise<void> {
  for (;;) {
    const found = await Array.fromAsync(kv.list({ prefix }, { limit: BATCH }));
    await deleteAll(committer, [prefix, ...found.map(({ key }) => key)]);
    if (found.length < BATCH) return;
  }
}
