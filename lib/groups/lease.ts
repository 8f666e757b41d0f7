/**
 * The lease of a group: one process at a time listens to it. It only saves connections, because each run's log
 * has its own lease. This module owns `["feed", group_id]`.
 */
import { heldForMs, type LeaseContext, readHead } from "../runs/mod.ts";

/** Which process listens, and until when no other may (Unix ms). */
interface Feed {
  readonly fence: number;
  readonly lease_owner: string;
  readonly lease_until: number;
}

function feedKey(groupId: string): Deno.KvKey {
  return ["feed", groupId];
}

/** Takes or renews the lease of a group. Returns 0, or how long another process still has it (ms). */
export async function holdFeed(context: LeaseContext, groupId: string): Promise<number> {
  const { kv, committer, now, owner, leaseMs } = context;
  for (;;) {
    const found = await kv.get<Feed>(feedKey(groupId));
    const held = found.value === null ? 0 : heldForMs(context, groupId, found.value);
    if (held > 0) return held;
    const value: Feed = {
      fence: (found.value?.fence ?? 0) + 1,
      lease_owner: owner,
      lease_until: now() + leaseMs,
    };
    const { ok } = await committer.commit({
      checks: [found],
      mutations: [{ type: "set", key: feedKey(groupId), value }],
    });
    if (ok) return 0;
  }
}

/** Releases the lease of a group. */
export async function releaseFeed(
  { kv, committer, owner }: LeaseContext,
  groupId: string,
): Promise<void> {
  const found = await kv.get<Feed>(feedKey(groupId));
  if (found.value?.lease_owner !== owner) return;
  await committer.commit({
    checks: [found],
    mutations: [{ type: "delete", key: feedKey(groupId) }],
  });
}

/** The shortest wait before a log that has another writer is tried again (ms). */
const HELD_MS = 1_000;

/** Returns when the lease on a run's log expires unless its writer renews it (Unix ms). */
export async function freeAtMs(context: LeaseContext, runId: string): Promise<number> {
  const found = await readHead(context.kv, runId);
  const heldMs = found === null ? 0 : heldForMs(context, runId, found.head);
  return context.now() + Math.max(heldMs + 1, HELD_MS);
}
