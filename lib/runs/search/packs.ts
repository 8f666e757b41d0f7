/**
 * An account's packs. They repeat what the term keys say, so losing one loses nothing. Code that changes a run's
 * terms first removes the pack of the run's time, so a word never stays in a pack longer than in the keys.
 *
 * One value per account lists its packs. Each commit that changes a run's terms checks that value. A pack is
 * listed while it is built: if one of its runs changes meanwhile, the pack leaves the list, and its builder
 * can't write any more of it.
 */
import type { Committer } from "../../store/mod.ts";
import { packPrefix, packsKey } from "../history/mod.ts";

/** A pack of the runs created in a stretch of time. */
export interface PackEntry {
  readonly id: string;
  /** Created at or after (Unix ms). */
  readonly from_ms: number;
  /** Created before (Unix ms). */
  readonly to_ms: number;
  /** Searches read only `ready` packs. A `dropped` pack is being deleted. */
  readonly state: "building" | "ready" | "dropped";
  /** While it is being built: when its builder counts as dead (Unix ms). */
  readonly until_ms?: number;
}

/** An account's packs, oldest first. */
export type Packs = readonly PackEntry[];

/** How many values to delete per commit: KV allows 1,000. */
const BATCH = 500;

/** Reads an account's packs. */
export async function readPacks(
  kv: Deno.Kv,
  account: string,
): Promise<{ readonly packs: Packs; readonly check: Deno.AtomicCheck }> {
  const { key, value, versionstamp } = await kv.get<Packs>(packsKey(account));
  return { packs: value ?? [], check: { key, versionstamp } };
}

/** Returns the write for an account's list of packs. */
export function packsMutation(account: string, packs: Packs): Deno.KvMutation {
  const key = packsKey(account);
  const value = packs.toSorted((a, b) => a.from_ms - b.from_ms);
  return packs.length === 0 ? { type: "delete", key } : { type: "set", key, value };
}

/**
 * Removes the packs of a run's time, with all of their values. Resolves with a check that fails once the
 * account's list of packs changes.
 */
export async function unpack(
  kv: Deno.Kv,
  committer: Committer,
  account: string,
  createdMs: number,
): Promise<Deno.AtomicCheck> {
  for (;;) {
    const { packs, check } = await readPacks(kv, account);
    const entry = packs.find((pack) => pack.from_ms <= createdMs && createdMs < pack.to_ms);
    if (entry === undefined) return check;
    await dropPack(kv, committer, account, entry.id);
  }
}

/** Removes a pack with all of its values. After a crash half way it is still listed as dropped. */
export async function dropPack(
  kv: Deno.Kv,
  committer: Committer,
  account: string,
  id: string,
): Promise<void> {
  for (;;) {
    const { packs, check } = await readPacks(kv, account);
    const entry = packs.find((pack) => pack.id === id);
    if (entry === undefined) return;
    const others = packs.filter((pack) => pack !== entry);
    if (entry.state !== "dropped") {
      // From here on, its builder can't write any more of it.
      const mutations = [packsMutation(account, [...others, { ...entry, state: "dropped" }])];
      await committer.commit({ checks: [check], mutations });
      continue;
    }
    const prefix = packPrefix(account, id);
    const found = await Array.fromAsync(kv.list({ prefix }, { limit: BATCH }));
    const mutations: Deno.KvMutation[] = found.map(({ key }) => ({ type: "delete", key }));
    if (found.length < BATCH) mutations.push(packsMutation(account, others));
    await committer.commit({ checks: [check], mutations });
  }
}
