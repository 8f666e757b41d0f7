/** Handles the remains of a history after its account's runs were removed or moved. */
import { type Committer, deletePrefix } from "../../store/mod.ts";
import { besidePrefixes, counterKey, countersPrefix } from "./keys.ts";

/** Deletes an account's counters, changes and budget. Safe to repeat after a crash. */
export async function forgetHistory(
  kv: Deno.Kv,
  committer: Committer,
  account: string,
): Promise<void> {
  for (const prefix of besidePrefixes(account)) await deletePrefix(kv, committer, prefix);
}

/**
 * Moves the cost of an account's deleted runs to another account: moving runs does not cover it. Safe to
 * repeat after a crash.
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
