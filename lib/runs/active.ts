/**
 * What a recorder needs to go on with a run after a restart. This module owns `["active", run_id]`.
 */

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

/** Ids of all runs that somebody should be recording. */
export async function* activeRuns(kv: Deno.Kv): AsyncGenerator<string> {
  for await (const { key } of kv.list({ prefix: ["active"] })) {
    if (typeof key[1] === "string") yield key[1];
  }
}
