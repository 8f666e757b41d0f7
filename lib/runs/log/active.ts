/**
 * What a recorder needs to go on with a run after a restart. This module owns `["active", run_id]`, and
 * `["stopped", run_id]`, which is what is left of it where a run's log had to end without its end.
 */
import type { Keyring } from "../../accounts/mod.ts";
import { type Committer, sha256Hex } from "../../store/mod.ts";

/** An active run: whose it is and, sealed, the key to read it with. */
export interface ActiveRun {
  readonly account: string;
  readonly sealed_key: string;
  /** SHA-256 of that key: whoever brings it again can seal it anew. */
  readonly key_sha256?: string;
  /** The group whose streams tell of the run: it has no recorder of its own unless somebody looks at it. */
  readonly group?: string;
  /** Its own stream is read all the same, for its events were asked for. */
  readonly events?: true;
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
  });
  return result.ok;
}

/** Seals a key anew for those of the runs that were created with it, and returns these. */
export async function unlockActive(
  { kv, committer, keyring }: {
    readonly kv: Deno.Kv;
    readonly committer: Pick<Committer, "commit">;
    readonly keyring: Pick<Keyring, "seal">;
  },
  locked: readonly string[],
  apiKey: string,
): Promise<string[]> {
  if (locked.length === 0) return [];
  const key = { sha256: await sha256Hex(apiKey), sealed: await keyring.seal(apiKey) };
  const unlocked: string[] = [];
  for (const runId of locked) {
    if (await resealActive(kv, committer, runId, key)) unlocked.push(runId);
  }
  return unlocked;
}

/** All runs that somebody should be recording. */
export async function* activeRuns(
  kv: Deno.Kv,
): AsyncGenerator<{ readonly runId: string; readonly active: ActiveRun }> {
  for await (const { key, value } of kv.list<ActiveRun>({ prefix: ["active"] })) {
    if (typeof key[1] === "string") yield { runId: key[1], active: value };
  }
}

/** How long a run that ended without its end may be finished by a notification (ms): they come for two days. */
export const STOPPED_KEPT_MS = 3 * 24 * 3_600_000;

/** The key of a run whose log had to end without its end. */
export function stoppedKey(runId: string): Deno.KvKey {
  return ["stopped", runId];
}

/** What a stopped run was recorded with, or `null` where it is none, or has been for too long. */
export async function readStopped(kv: Deno.Kv, runId: string): Promise<ActiveRun | null> {
  return (await kv.get<ActiveRun>(stoppedKey(runId))).value;
}

/** The writes that end an active run, or stop it so that it can go on. */
export async function endActive(
  kv: Deno.Kv,
  runId: string,
  { stopped }: { readonly stopped: boolean },
): Promise<Deno.KvMutation[]> {
  const active = stopped ? await readActive(kv, runId) : null;
  return [
    { type: "delete", key: activeKey(runId) },
    active === null ? { type: "delete", key: stoppedKey(runId) } : {
      type: "set",
      key: stoppedKey(runId),
      value: active,
      expireIn: STOPPED_KEPT_MS,
    },
  ];
}

/** The writes that let a stopped run go on. */
export function resumeActive(runId: string, active: ActiveRun): Deno.KvMutation[] {
  return [
    { type: "set", key: activeKey(runId), value: active },
    { type: "delete", key: stoppedKey(runId) },
  ];
}
