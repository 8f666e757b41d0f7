/**
 * Migrates a store from layout 1, whose accounts did not list their keys, to layout 2. After an
 * interruption it starts again and writes the same entries.
 */
import { Committer } from "../store/mod.ts";
import { keyMutation, type StoredAccount } from "./accounts.ts";

/** Keys of one commit. */
const BATCH = 100;

/** Lists the API keys of every account, as added when the account was created. */
export async function listKeys(kv: Deno.Kv): Promise<void> {
  const committer = new Committer(kv);
  let mutations: Deno.KvMutation[] = [];
  const write = async () => {
    if (mutations.length > 0) await committer.commit({ mutations });
    mutations = [];
  };
  for await (const { key: [, sha256], value: id } of kv.list<string>({ prefix: ["key"] })) {
    const { value: account } = await kv.get<StoredAccount>(["account", id]);
    if (account === null) continue;
    mutations.push(keyMutation(id, String(sha256), account.created_ms));
    if (mutations.length === BATCH) await write();
  }
  await write();
}
