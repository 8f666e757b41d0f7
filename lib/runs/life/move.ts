/**
 * Moves all data of an account to the account it was merged into. Safe to repeat: each run moves in one
 * commit. A crash half way leaves runs on either side, and the sweep continues.
 */
import { deleteAll } from "../../store/mod.ts";
import {
  activeKey,
  type ActiveRun,
  type Head,
  headKey,
  readHead,
  type RunKey,
  STOPPED_KEPT_MS,
  stoppedKey,
} from "../log/mod.ts";
import {
  countMutations,
  forgetHistory,
  goneCountsOf,
  joinHistory,
  leaveHistory,
  type Member,
  memberKey,
  moveSpent,
  readSummary,
  runsBefore,
} from "../history/mod.ts";
import { deletedKey, type RemovalContext, restoreRun, type Tombstone, UNDO_MS } from "./removal.ts";
import { type Shared, shareKey } from "./share.ts";

/** Runs to move at once: their commits are grouped. */
const AT_ONCE = 40;

/**
 * Moves an account's runs with their links, and the cost of its final deletions. Returns the number of
 * runs moved.
 */
export async function moveAllRuns(
  context: RemovalContext,
  from: string,
  to: string,
  { signal }: { readonly signal: AbortSignal },
): Promise<number> {
  let moved = 0;
  for (;;) {
    const ids: string[] = [];
    for await (const runId of runsBefore(context.kv, from, Number.MAX_SAFE_INTEGER)) {
      if (ids.push(runId) === AT_ONCE) break;
    }
    if (ids.length === 0 || signal.aborted) break;
    const done = await Promise.all(ids.map((runId) => moveRun(context, runId, from, to)));
    const count = done.filter(Boolean).length;
    // Orphaned history lines can't be repaired here. Stop instead of looping.
    if (count === 0) break;
    moved += count;
  }
  await moveTombstones(context, from, to);
  await moveSpent(context.kv, context.committer, from, to);
  return moved;
}

/** Deletes a history's other data, once its runs have moved. */
export async function forgetMoved({ kv, committer }: RemovalContext, from: string): Promise<void> {
  await forgetHistory(kv, committer, from);
}

/** Returns `false` if the account no longer has the run. */
async function moveRun(
  context: RemovalContext,
  runId: string,
  from: string,
  to: string,
): Promise<boolean> {
  const { kv, committer, now } = context;
  for (;;) {
    const [member, there, deleted, active, stopped] = await kv.getMany<
      [Member, Member, Tombstone, ActiveRun, ActiveRun]
    >([
      memberKey(from, runId),
      memberKey(to, runId),
      deletedKey(to, runId),
      activeKey(runId),
      stoppedKey(runId),
    ]);
    const found = await readHead(kv, runId);
    if (member.value === null || found === null) return false;
    const summary = await readSummary(kv, from, found.head.created_ms, runId);
    if (summary === null) return false;
    // A run that only one of the accounts has deleted stays.
    const isDeleted = there.value === null && deleted.value !== null;
    if (isDeleted && await restoreRun(context, to, runId, { undoMs: UNDO_MS }) === "restored") {
      continue;
    }
    const kept = isDeleted ? deleted.value?.undo?.kept ?? goneCountsOf(summary) : [];
    const token = member.value.share_token;
    const shared = token === null ? null : await kv.get<Shared>(shareKey(token));
    const head: Head = {
      ...found.head,
      members: [...new Set(found.head.members.map((id) => id === from ? to : id))],
    };
    const nowMs = now();
    const left = leaveHistory(from, summary, { nowMs, kept: [] });
    // If both accounts have the run, the other account keeps its own title and link.
    const joined = there.value === null
      ? joinHistory(to, summary, { nowMs, member: member.value, kept })
      : null;
    const mutations: Deno.KvMutation[] = [
      ...left.mutations,
      ...joined?.mutations ?? [],
      ...(isDeleted ? [{ type: "delete" as const, key: deleted.key }] : []),
      { type: "set", key: headKey(runId), value: head },
    ];
    if (shared?.value) {
      mutations.push(
        joined === null ? { type: "delete", key: shared.key } : {
          type: "set",
          key: shared.key,
          value: { ...shared.value, account: to },
        },
      );
    }
    for (const { key, value } of [active, stopped]) {
      if (value === null) continue;
      const named = <Key extends RunKey>(own: Key): Key =>
        own.account === from ? { ...own, account: to } : own;
      const others = value.others?.map(named);
      const expireIn = key[0] === "stopped" ? { expireIn: STOPPED_KEPT_MS } : {};
      const next = { ...named(value), ...others !== undefined && { others } };
      mutations.push({ type: "set", key, value: next, ...expireIn });
    }
    const { ok } = await committer.commit({
      checks: [
        member,
        there,
        deleted,
        active,
        stopped,
        ...(shared === null ? [] : [shared]),
        { key: headKey(runId), versionstamp: found.versionstamp },
      ],
      mutations,
    });
    if (ok) return true;
  }
}

/** A run that one account deleted for good must not come back in the other. */
async function moveTombstones(
  { kv, committer }: RemovalContext,
  from: string,
  to: string,
): Promise<void> {
  const moved: Deno.KvKey[] = [];
  for await (const entry of kv.list<Tombstone>({ prefix: deletedKey(from, "").slice(0, 2) })) {
    const runId = String(entry.key[2]);
    const there = await kv.get(deletedKey(to, runId));
    const member = await kv.get(memberKey(to, runId));
    const { deleted_ms, undo, retired } = entry.value;
    const final: Tombstone = { deleted_ms, undo: null };
    // If the other account has or had the run, its cost is counted there.
    const takesOver = !retired && there.value === null && member.value === null;
    const mutations: Deno.KvMutation[] = takesOver
      ? [{ type: "set", key: there.key, value: final }]
      : [];
    if (undo !== null && !retired) {
      const gone = goneCountsOf(undo.summary, (await readHead(kv, runId))?.head.status);
      // Not purged yet: the purge deletes the old tombstone.
      const value: Tombstone = { ...entry.value, retired: true };
      mutations.push(
        { type: "set", key: entry.key, value },
        ...countMutations(from, undo.kept, []),
        ...(takesOver ? countMutations(to, [], gone) : []),
      );
    }
    if (mutations.length > 0) {
      await committer.commit({ checks: [entry, there, member], mutations });
    }
    if (entry.value.undo === null) moved.push(entry.key);
  }
  await deleteAll(committer, moved);
}
