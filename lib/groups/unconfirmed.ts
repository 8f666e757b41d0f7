/**
 * Requests that may have added runs that are not stored here yet. This module owns
 * `["unconfirmed", group_id, id]`, which is written before a request is sent and removed when all of its runs
 * are stored.
 */
import type { Committer } from "../store/mod.ts";

/** A request that may have made runs. */
export interface Unconfirmed {
  /** The account of the runs; `null` if the key had no account yet. */
  readonly account: string | null;
  readonly sealed_key: string;
  /** When it was sent (Unix ms). */
  readonly since_ms: number;
}

/** When to look for the runs of a request whose response was lost (ms after it was sent). */
export const CHECKS_MS: readonly number[] = [5_000, 15_000, 60_000];

function keyOf(groupId: string, id: string): Deno.KvKey {
  return ["unconfirmed", groupId, id];
}

/** Marks a request. Await this before sending it. */
export async function markUnconfirmed(
  committer: Pick<Committer, "commit">,
  groupId: string,
  id: string,
  value: Unconfirmed,
): Promise<void> {
  await committer.commit({ mutations: [{ type: "set", key: keyOf(groupId, id), value }] });
}

/** Removes a mark. */
export async function confirm(
  committer: Pick<Committer, "commit">,
  groupId: string,
  id: string,
): Promise<void> {
  await committer.commit({ mutations: [{ type: "delete", key: keyOf(groupId, id) }] });
}

/** The marks of a group, or of all groups. */
export async function* unconfirmed(
  kv: Deno.Kv,
  groupId?: string,
): AsyncGenerator<{ readonly groupId: string; readonly id: string; readonly mark: Unconfirmed }> {
  const prefix = groupId === undefined ? ["unconfirmed"] : ["unconfirmed", groupId];
  for await (const { key, value } of kv.list<Unconfirmed>({ prefix })) {
    yield { groupId: String(key[1]), id: String(key[2]), mark: value };
  }
}
