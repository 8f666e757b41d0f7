/** Takes away what is left of a history once its account has no runs and is no more. */
import type { Committer } from "../../kv/committer.ts";
import { deletePrefix } from "../../kv/delete.ts";
import { besidePrefixes } from "./keys.ts";

/** Forgets counters, changes and the budget of an account. Can be repeated after a crash. */
export async function forgetHistory(
  kv: Deno.Kv,
  committer: Committer,
  account: string,
): Promise<void> {
  for (const prefix of besidePrefixes(account)) await deletePrefix(kv, committer, prefix);
}
