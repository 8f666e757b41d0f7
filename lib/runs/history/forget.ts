/** Takes away what is left of a history once its account has no runs and is no more. */
import type { Committer } from "../../kv/committer.ts";
import { deleteAll } from "../../kv/delete.ts";
import { besidePrefixes } from "./keys.ts";

/** Forgets indexes, terms, counters and changes of an account. Can be repeated after a crash. */
export async function forgetHistory(
  kv: Deno.Kv,
  committer: Committer,
  account: string,
): Promise<void> {
  for (const prefix of besidePrefixes(account)) {
    const found = await Array.fromAsync(kv.list({ prefix: [...prefix] }));
    const keys = found.map(({ key }) => key);
    // One entry has no further part, which a prefix does not find.
    await deleteAll(committer, [[...prefix], ...keys]);
  }
}
