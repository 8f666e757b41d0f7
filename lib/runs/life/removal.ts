/**
 * Removes runs from an account's history, at first with an undo. This module owns `["deleted", account,
 * run_id]`, a tombstone that prevents a run from being adopted again, and `["purge", due_ms, account,
 * run_id]`, the queue of permanent deletions.
 */
import type { Committer } from "../../store/mod.ts";
import { type Head, headKey, leaveActive, readHead, readTrace, summaryWith } from "../log/mod.ts";
import {
  type Count,
  countMutations,
  goneCountsOf,
  joinHistory,
  keptCountsOf,
  leaveHistory,
  type Member,
  memberKey,
  purgingMutation,
  readMember,
  readSummary,
} from "../history/mod.ts";
import { foldEvents, type RunSummary } from "../model/mod.ts";

/** How long a deletion can be undone (ms). */
export const UNDO_MS = 10 * 60_000;

/** Records that an account removed a run. */
export interface Tombstone {
  readonly deleted_ms: number;
  /** The data that an undo needs. `null` once it is too late to undo. */
  readonly undo: {
    readonly member: Member;
    readonly summary: RunSummary;
    /** The amounts that stay counted for the run while it can be restored. */
    readonly kept: readonly Count[];
    /** When the removal becomes final (Unix ms). Older tombstones do not say. */
    readonly until_ms?: number;
  } | null;
  /** Removed because of its age, not by its owner: the tombstone is purged too. */
  readonly retired?: true;
}

/**
 * Returns whether a run counts as deleted by an account and still stored. Excludes runs that expired or were
 * removed with their account.
 */
function isCounted({ undo, retired }: Tombstone): boolean {
  return undo !== null && !retired;
}

/**
 * The writes that make a deletion final: they update its tombstone and keep only the run's cost in the
 * counters. `status` is the run's last known status.
 */
export function finalMutations(
  account: string,
  { key, value }: Deno.KvEntry<Tombstone>,
  status: string | undefined,
): Deno.KvMutation[] {
  const { undo } = value;
  const final: Deno.KvMutation = { type: "set", key, value: { ...value, undo: null } };
  if (undo === null || !isCounted(value)) return [final];
  const gone = goneCountsOf(undo.summary, status);
  return [final, ...countMutations(account, undo.kept, gone), purgingMutation(account, -1)];
}

/** The dependencies for removing. */
export interface RemovalContext {
  readonly kv: Deno.Kv;
  readonly committer: Committer;
  readonly now: () => number;
  /** Called before someone removes a run, and before they undo that: the run may be a row of a batch. */
  readonly onRemoving?: (account: string, runId: string) => Promise<WrittenWith | null>;
  readonly onRestoring?: (account: string, runId: string) => Promise<WrittenWith | null>;
}

/** What is written in the same commit, so that a crash cannot separate the two. */
export interface WrittenWith {
  readonly mutations: readonly Deno.KvMutation[];
  /** Called once it is written. */
  readonly written: () => void;
}

/** The key of an account's tombstone for a run. */
export function deletedKey(account: string, runId: string): Deno.KvKey {
  return ["deleted", account, runId];
}

/** The key of a scheduled removal. */
export function purgeKey(dueMs: number, account: string, runId: string): Deno.KvKey {
  return ["purge", dueMs, account, runId];
}

/** Lists removals due by a time (Unix ms). */
export function purgesUntil(ms: number): Deno.KvListSelector {
  return { start: ["purge"], end: ["purge", ms + 1] };
}

/** Returns an account's tombstone for a run, or `null`. */
export async function readTombstone(
  kv: Deno.Kv,
  account: string,
  runId: string,
): Promise<Tombstone | null> {
  return (await kv.get<Tombstone>(deletedKey(account, runId))).value;
}

/** How a run is removed. */
export interface RemoveOptions {
  readonly undoMs: number;
  /** Not by its owner. There is no undo. */
  readonly retired?: true;
  /** The account keeps a copy, which counts in its place. */
  readonly copied?: true;
}

/** The amounts that stay counted. Without an undo, nothing changes them later. */
function keptOf(summary: RunSummary, { copied, retired }: RemoveOptions): Count[] {
  if (copied) return [];
  return retired ? goneCountsOf(summary) : keptCountsOf(summary);
}

/**
 * Removes a run from an account's history at once, and after `undoMs` purges the data that no other
 * account has. Returns the run's remaining members, or `null` if the account does not have the run.
 * Deleting again succeeds and changes nothing: the response to the first request may have been lost.
 */
export async function removeRun(
  { kv, committer, now, onRemoving }: RemovalContext,
  account: string,
  runId: string,
  options: RemoveOptions,
): Promise<Pick<Head, "members"> | null> {
  for (;;) {
    const member = await kv.get<Member>(memberKey(account, runId));
    const found = await readHead(kv, runId);
    if (member.value === null || found === null) {
      const deleted = options.retired ? null : await readTombstone(kv, account, runId);
      if (deleted === null || deleted.retired) return null;
      return { members: found?.head.members ?? [] };
    }
    const summary = await readSummary(kv, account, found.head.created_ms, runId);
    const deletedMs = now();
    const kept = summary === null ? [] : keptOf(summary, options);
    const tombstone: Tombstone = {
      deleted_ms: deletedMs,
      undo: summary === null
        ? null
        : { member: member.value, summary, kept, until_ms: deletedMs + options.undoMs },
      ...(options.retired === undefined ? {} : { retired: options.retired }),
    };
    const head: Head = {
      ...found.head,
      members: found.head.members.filter((id) => id !== account),
      leaving: [...found.head.leaving ?? [], account],
    };
    const left = summary === null ? null : leaveHistory(account, summary, {
      nowMs: deletedMs,
      kept,
    });
    // Those who keep the run need no key of an account that cannot come back to it.
    const keys = options.undoMs === 0 ? await leaveActive(kv, runId, account) : null;
    const also = options.retired ? null : await onRemoving?.(account, runId);
    const result = await committer.commit({
      checks: [
        member,
        { key: headKey(runId), versionstamp: found.versionstamp },
        ...keys?.checks ?? [],
      ],
      mutations: [
        { type: "set", key: deletedKey(account, runId), value: tombstone },
        { type: "set", key: purgeKey(deletedMs + options.undoMs, account, runId), value: null },
        { type: "set", key: headKey(runId), value: head },
        ...left?.mutations ?? [{ type: "delete", key: member.key }],
        ...(isCounted(tombstone) ? [purgingMutation(account, 1)] : []),
        ...keys?.mutations ?? [],
        ...also?.mutations ?? [],
      ],
    });
    if (!result.ok) continue;
    also?.written();
    return head;
  }
}

/** The outcome of an undo. `late`: the deletion is already final. */
export type RestoreOutcome = "restored" | "late" | "unknown";

/**
 * Restores a run deleted less than `undoMs` ago to an account's history, in its current state. A run
 * that is already there counts as restored: the response to the first request may have been lost.
 */
export async function restoreRun(
  { kv, committer, now, onRestoring }: RemovalContext,
  account: string,
  runId: string,
  { undoMs }: { readonly undoMs: number },
): Promise<RestoreOutcome> {
  for (;;) {
    const deleted = await kv.get<Tombstone>(deletedKey(account, runId));
    if (deleted.value === null) {
      return await readMember(kv, account, runId) === null ? "unknown" : "restored";
    }
    const { undo, deleted_ms: deletedMs, retired } = deleted.value;
    const found = await readHead(kv, runId);
    if (undo === null || retired || found === null || found.head.gone) return "late";
    const head: Head = {
      ...found.head,
      members: [...new Set([...found.head.members, account])],
      leaving: (found.head.leaving ?? []).filter((id) => id !== account),
    };
    const range = { from: 1, to: head.last_id, output: null };
    const view = foldEvents(await Array.fromAsync(readTrace(kv, runId, range)));
    // Earlier versions left the tombstone of a run that came back with another account.
    const joined = found.head.members.includes(account)
      ? { checks: [], mutations: countMutations(account, undo.kept, []) }
      : joinHistory(account, summaryWith(undo.summary, head, view), {
        nowMs: now(),
        member: undo.member,
        kept: undo.kept,
      });
    const also = await onRestoring?.(account, runId);
    const result = await committer.commit({
      checks: [
        deleted,
        { key: headKey(runId), versionstamp: found.versionstamp },
        ...joined.checks,
      ],
      mutations: [
        { type: "delete", key: deleted.key },
        { type: "delete", key: purgeKey(deletedMs + undoMs, account, runId) },
        { type: "set", key: headKey(runId), value: head },
        ...joined.mutations,
        purgingMutation(account, -1),
        ...also?.mutations ?? [],
      ],
    });
    if (!result.ok) continue;
    also?.written();
    return "restored";
  }
}
