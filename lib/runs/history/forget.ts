/** What is left of a history once its account has no runs and is no more: taken away, or moved. */
import { type Committer, deletePrefix } from "../../store/mod.ts";
import { besidePrefixes, counterKey, countersPrefix } from "./keys.ts";

/** Forgets counters, changes and the budget of an account. Can be repeated after a crash. */
export async function forgetHistory(
  kv: Deno.Kv,
  committer: Committer,
  account: string,
): Promise<void> {
  for (const prefix of besidePrefixes(account)) await deletePrefix(kv, committer, prefix);
}

/**
 * Moves what an account's deleted runs cost to another account: no run brings that along. Can be repeated
 * after a crash.
 */
export async function moveSpent(
  kv: Deno.Kv,
  committer: Committer,
  from: string,
  to: string,
): Promise<void> {
  for await (const { key, value, versionstamp } of kv.list({ prefix: countersPrefix(from) })) {
    const [, , dayMs, name, processor] = key;
    if (name !== "deleted" || !(value instanceof Deno.KvU64)) continue;
    await committer.commit({
      checks: [{ key, versionstamp }],
      mutations: [
        { type: "delete", key },
        { type: "sum", key: counterKey(to, Number(dayMs), name, String(processor)), value },
      ],
    });
  }
}
