/** Deletes many keys, in commits that KV takes. */
import type { Committer } from "./committer.ts";

/** Keys of one commit; KV takes 1,000 mutations. */
const BATCH = 500;

/** Deletes the keys in order; a crash between two commits leaves the rest. */
export async function deleteAll(
  committer: Committer,
  keys: readonly Deno.KvKey[],
): Promise<void> {
  for (let start = 0; start < keys.length; start += BATCH) {
    const mutations = keys.slice(start, start + BATCH).map((key) => ({
      type: "delete" as const,
      key,
    }));
    await committer.commit({ mutations, bytes: 0 });
  }
}
