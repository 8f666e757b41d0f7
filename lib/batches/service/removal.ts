/** Removes batches for good. Their runs are removed by themselves. */
import { type Committer, deletePrefix } from "../../store/mod.ts";
import { ordersKey } from "./commands.ts";
import { type BatchHead, keys } from "./store.ts";
import type { BatchLine } from "./types.ts";

/** What removing needs of the world. */
interface RemovalContext {
  readonly kv: Deno.Kv;
  readonly committer: Committer;
  readonly now: () => number;
}

/** Removes batches whose deletion cannot be undone any more. */
export async function sweepBatches(context: RemovalContext): Promise<void> {
  const { kv, now } = context;
  for await (const { key } of kv.list(keys.purges(now()))) {
    await purge(context, String(key[2]), key);
  }
}

/** Removes all batches of an account. */
export async function removeBatchesOf(context: RemovalContext, account: string): Promise<void> {
  const lines = context.kv.list<BatchLine>({ prefix: keys.lines(account) });
  for await (const { key, value: { id } } of lines) await purge(context, id, key);
}

/**
 * Removes a batch, and at last the key that names it for removal, so that a removal that dies is finished by the
 * next one. The head goes first: without it nobody can hold the batch, and send more of it.
 */
async function purge(
  { kv, committer }: RemovalContext,
  id: string,
  last: Deno.KvKey,
): Promise<void> {
  const share = (await kv.get<BatchHead>(keys.head(id))).value?.share ?? null;
  const gone = [
    ...share === null ? [] : [keys.share(share)],
    keys.head(id),
    keys.active(id),
  ];
  await committer.commit({ mutations: gone.map((key) => ({ type: "delete", key })) });
  for (const prefix of [keys.log(id), ordersKey(id), keys.record(id)]) {
    await deletePrefix(kv, committer, prefix);
  }
  await committer.commit({ mutations: [{ type: "delete", key: last }] });
}
