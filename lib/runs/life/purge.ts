/**
 * Permanently deletes data that no account can see any more. Every step leaves the store consistent, so
 * after a crash the next sweep continues.
 */
import type { Committer } from "../../store/mod.ts";
import { type Log, reasonOf } from "../../base/mod.ts";
import {
  activeKey,
  type Head,
  headKey,
  laggingKey,
  leaveActive,
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

/** The dependencies for purging. */
export interface PurgeContext {
  readonly kv: Deno.Kv;
  readonly committer: Committer;
  readonly now: () => number;
  /** How long a run's writer may take to notice that the run is gone (ms). */
  readonly leaseMs: number;
  /** Deletes other modules' data about a run. May be called again after a crash. */
  readonly onPurge: (runId: string) => Promise<void>;
  /** Deletes other modules' data about one account's run. May be called again after a crash. */
  readonly onErased?: (account: string, runId: string) => Promise<void>;
}

/** Keys per commit. KV allows 1,000 mutations. */
const BATCH = 500;
/** Runs to delete at once: their commits are grouped. */
const AT_ONCE = 16;
/** After this many failures in one sweep, assume that the store fails for every run. */
const MAX_FAILURES = 20;

/**
 * Deletes every run that is due, oldest first. Logs a failure and leaves that run to the next sweep.
 * Returns the number of runs examined. Rejects if the store itself fails.
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

/** Continues one removal, to its end unless another account has the run. */
export async function purge(context: PurgeContext, removal: Removal): Promise<void> {
  const { kv, committer } = context;
  const { account, runId } = removal;
  const tombstone = await kv.get<Tombstone>(deletedKey(account, runId));
  if (isTooEarly(tombstone.value, removal)) {
    const key = purgeKey(removal.dueMs, account, runId);
    await committer.commit({ mutations: [{ type: "delete", key }] });
    return;
  }
  const found = await readHead(kv, runId);
  const createdMs = tombstone.value?.undo?.summary.created_ms ?? found?.head.created_ms;
  if (tombstone.value !== null && createdMs !== undefined) {
    // The search index has other writers, which may be behind.
    const run = { account, runId, createdMs };
    if (!await unindex(kv, committer, run, tombstone)) return;
  }
  if (!found?.head.members.includes(account)) await context.onErased?.(account, runId);
  if (found === null) return await settle(context, removal, tombstone, null);
  if (!found.head.gone) {
    const { members } = found.head;
    const leaving = (found.head.leaving ?? []).filter((id) => id !== account);
    // Another account has it, or may still restore it.
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
      // Another process has finished, and the run may have been restored since.
      if (keys.length === BATCH && !await remove()) return;
    }
  }
  if (keys.length > 0 && !await remove()) return;
  await context.onPurge(runId);
  await settle(context, removal, tombstone, found);
}

/** Left by an import that was overtaken: the owner has deleted the run since, and may still undo that. */
function isTooEarly(tombstone: Tombstone | null, { dueMs }: Removal): boolean {
  if (tombstone === null || tombstone.undo === null || tombstone.retired) return false;
  return dueMs < (tombstone.undo.until_ms ?? 0);
}

/**
 * Undo is impossible from here on. A recorder that is still writing may take a while to notice that its lease
 * is gone. Its late writes would be left over, so wait for that long before deleting the rest.
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

/** Ends a removal: deletes the run's remains, unless another account has it. */
async function settle(
  { kv, committer }: PurgeContext,
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
  const isLeft = found !== null && !found.head.gone && !found.head.members.includes(account);
  const keys = isLeft ? await leaveActive(kv, runId, account) : null;
  mutations.push(...keys?.mutations ?? []);
  if (tombstone.value !== null && !tombstone.value.retired) {
    mutations.push(...finalMutations(account, tombstone, found?.head.status));
  }
  // A check failed: another process undid or finished the removal at the same time.
  await committer.commit({
    checks: [
      tombstone,
      { key: headKey(runId), versionstamp: found?.versionstamp ?? null },
      ...keys?.checks ?? [],
    ],
    mutations,
  });
}
