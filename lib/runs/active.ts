/**
 * What a recorder needs to go on with a run after a restart. This module owns `["active", run_id]`.
 */
import type { Committer } from "../kv/committer.ts";

/** An active run: whose it is and, sealed, the key to read it with. */
export interface ActiveRun {
  readonly account: string;
  readonly sealed_key: string;
  /** SHA-256 of that key: whoever brings it again can seal it anew. */
  readonly key_sha256?: string;
}

/** The key of an active run. */
export function activeKey(runId: string): Deno.KvKey {
  return ["active", runId];
}

/** The active entry of a run, or `null` where nothing is left to record. */
export async function readActive(kv: Deno.Kv, runId: string): Promise<ActiveRun | null> {
  return (await kv.get<ActiveRun>(activeKey(runId))).value;
}

/**
 * Seals the key of an active run anew, where it is this very key. `false` where the run has another
 * one, or is over.
 */
export async function resealActive(
  kv: Deno.Kv,
  committer: Pick<Committer, "commit">,
  runId: string,
  key: { readonly sha256: string; readonly sealed: string },
): Promise<boolean> {
  const found = await kv.get<ActiveRun>(activeKey(runId));
  if (found.value?.key_sha256 !== key.sha256) return false;
  const value: ActiveRun = { ...found.value, sealed_key: key.sealed };
  const result = await committer.commit({
    checks: [found],
    mutations: [{ type: "set", key: found.key, value }],
    bytes: 1500,
  });
  return result.ok;
}

/** Ids of all runs that somebody should be recording. */
export async function* activeRuns(kv: Deno.Kv): AsyncGenerator<string> {
  for await (const { key } of kv.list({ prefix: ["active"] })) {
    if (typeof key[1] === "string") yield key[1];
  }
}
