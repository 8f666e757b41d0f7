/**
 * Removes for good what nobody may see any more. Every step leaves a store that reads as before, so a
 * crash between any two of them costs nothing: the next sweep goes on.
 */
import type { Committer } from "../../store/mod.ts";
import { type Log, reasonOf } from "../../base/mod.ts";
import {
  activeKey,
  type Head,
  headKey,
  laggingKey,
  readHead,
  runKey,
  stoppedKey,
  tracePrefixes,
  type VersionedHead,
} from "../log/mod.ts";
import { unindex } from "../search/mod.ts";
import { deletedKey, finalMutations, purgeKey, purgesUntil, type Tombstone } from "./removal.ts";
import { shareKey } from "./share.ts";
import { webhookKey } from "./webhook.ts";

/** What purging needs of the world. */
export interface PurgeContext {
  readonly kv: Deno.Kv;
  readonly committer: Committer;
  readonly now: () => number;
  /** How long the writer of a run may not notice that it is gone (ms). */
  readonly leaseMs: number;
  /** Forgets what others keep of a run. May be called again after a crash. */
  readonly onPurge: (runId: string) => Promise<void>;
}

/** Keys of one commit; KV takes 1,000 mutations. */
const BATCH = 500;
/** Runs that are removed at once: their commits go together. */
const AT_ONCE = 16;
/** A store that fails this often in one sweep fails for every run. */
const MAX_FAILURES = 20;

/**
 * Removes every run whose time has come, the oldest first. One that fails is told and left to the next
 * sweep. Returns how many were looked at. Rejects where the store itself fails.
 */
export async function purgeDue(
  context: PurgeContext & { readonly log: Log },
  { signal }: { readonly signal: AbortSignal },
): Promise<number> {
  const { kv, now, log } = context;
  const due = kv.list(purgesUntil(now()));
  let count = 0, failures = 0;
  const work = async () => {
    for (;;) {
      const next = await due.next();
      if (next.done || signal.aborted) return;
      const [, dueMs, account, runId] = next.value.key;
      if (typeof dueMs !== "number" || typeof account !== "string" || typeof runId !== "string") {
        continue;
      }
      count++;
      try {
        await purge(context, { dueMs, account, runId });
      } catch (error) {
        log("error", "a deleted run could not be removed", { run: runId, reason: reasonOf(error) });
        if (++failures >= MAX_FAILURES) throw error;
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return count;
}

/** One account's removal of one run. */
export interface Removal {
  readonly dueMs: number;
  readonly account: string;
  readonly runId: string;
}

/** Goes on with one removal, to its end unless somebody else has the run. */
export async function purge(context: PurgeContext, removal: Removal): Promise<void> {
  const { kv, committer } = context;
  const { account, runId } = removal;
  const tombstone = await kv.get<Tombstone>(deletedKey(account, runId));
  const found = await readHead(kv, runId);
  const createdMs = tombstone.value?.undo?.summary.created_ms ?? found?.head.created_ms;
  if (tombstone.value !== null && createdMs !== undefined) {
    // The search's index is written by others, who may be late.
    const run = { account, runId, createdMs };
    if (!await unindex(kv, committer, run, tombstone)) return;
  }
  if (found === null) return await settle(context, removal, tombstone, null);
  if (!found.head.gone) {
    const { members } = found.head;
    const leaving = (found.head.leaving ?? []).filter((id) => id !== account);
    // Somebody else has it, or may still want it back.
    if (members.length > 0 || leaving.length > 0) {
      return await settle(context, removal, tombstone, {
        ...found,
        head: { ...found.head, leaving },
      });
    }
    return await claim(context, removal, found);
  }
  const checks = [{ key: headKey(runId), versionstamp: found.versionstamp }];
  let keys: Deno.KvKey[] = [];
  const remove = async () => {
    const mutations = keys.map((key) => ({ type: "delete" as const, key }));
    keys = [];
    return (await committer.commit({ checks, mutations })).ok;
  };
  for (const prefix of [...tracePrefixes(runId), runKey(runId)]) {
    for await (const { key } of kv.list({ prefix })) {
      keys.push(key);
      // Another process has finished, and the run may have come back since.
      if (keys.length === BATCH && !await remove()) return;
    }
  }
  if (keys.length > 0 && !await remove()) return;
  await context.onPurge(runId);
  await settle(context, removal, tombstone, found);
}

/**
 * From here on there is no undo. A recorder that still writes finds its lease gone, which may take it
 * a while; what it writes until then would be left over, so the rest waits for that long.
 */
async function claim(
  context: PurgeContext,
  removal: Removal,
  { head, versionstamp }: VersionedHead,
): Promise<void> {
  const { committer, now, leaseMs } = context;
  const { account, dueMs, runId } = removal;
  const waitMs = head.ended ? 0 : 2 * leaseMs;
  const next = { ...removal, dueMs: head.ended ? dueMs : now() + waitMs };
  const gone: Head = {
    ...head,
    leaving: [],
    gone: true,
    ended: true,
    fence: head.fence + 1,
    lease_until: 0,
  };
  const result = await committer.commit({
    checks: [{ key: headKey(runId), versionstamp }],
    mutations: [
      { type: "set", key: headKey(runId), value: gone },
      { type: "delete", key: activeKey(runId) },
      { type: "delete", key: stoppedKey(runId) },
      { type: "delete", key: purgeKey(dueMs, account, runId) },
      { type: "set", key: purgeKey(next.dueMs, account, runId), value: null },
    ],
  });
  if (result.ok && waitMs === 0) await purge(context, next);
}

/** Ends a removal: what is left of the run goes, or is left to whoever else has it. */
async function settle(
  { committer }: PurgeContext,
  { dueMs, account, runId }: Removal,
  tombstone: Deno.KvEntryMaybe<Tombstone>,
  found: VersionedHead | null,
): Promise<void> {
  const share = tombstone.value?.undo?.member.share_token ?? null;
  const removed: Deno.KvKey[] = [
    purgeKey(dueMs, account, runId),
    ...(share === null ? [] : [shareKey(share)]),
    ...(found?.head.gone ? [headKey(runId), runKey(runId), laggingKey(runId)] : []),
    ...(found?.head.gone && found.head.webhook ? [webhookKey(found.head.webhook.id)] : []),
    ...(tombstone.value?.retired ? [tombstone.key] : []),
  ];
  const mutations: Deno.KvMutation[] = removed.map((key) => ({ type: "delete", key }));
  if (found !== null && !found.head.gone) {
    mutations.push({ type: "set", key: headKey(runId), value: found.head });
  }
  if (tombstone.value !== null && !tombstone.value.retired) {
    mutations.push(...finalMutations(account, tombstone, found?.head.status));
  }
  // A failed check: undone, or finished by another process, at this very moment.
  await committer.commit({
    checks: [
      tombstone,
      { key: headKey(runId), versionstamp: found?.versionstamp ?? null },
    ],
    mutations,
  });
}
