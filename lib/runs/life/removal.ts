/**
 * Removes runs from an account's history, first so that it can be undone. This module owns
 * `["deleted", account, run_id]`, a tombstone that keeps a run from being adopted again, and
 * `["purge", due_ms, account, run_id]`, what is to be removed for good and when.
 */
import type { Committer } from "../../store/mod.ts";
import { type Head, headKey, readHead, readTrace, summaryWith } from "../log/mod.ts";
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

/** That an account removed a run. */
export interface Tombstone {
  readonly deleted_ms: number;
  /** What an undo needs; `null` once it is too late for one. */
  readonly undo: {
    readonly member: Member;
    readonly summary: RunSummary;
    /** What the account's counters hold of the run as long as it may come back. */
    readonly kept: readonly Count[];
  } | null;
  /** Removed for its age and not by its owner: the tombstone goes with the rest. */
  readonly retired?: true;
}

/**
 * Whether a run is counted among those that an account deleted and that are still in the store. Not what
 * its age or the account's end removes: its owner has not asked where it is, or is no more.
 */
function isCounted({ undo, retired }: Tombstone): boolean {
  return undo !== null && !retired;
}

/**
 * The writes that make a deletion final: its tombstone says so, and of the run, which was last known to
 * have this status, only what it cost stays counted.
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

/** What removing needs of the world. */
export interface RemovalContext {
  readonly kv: Deno.Kv;
  readonly committer: Committer;
  readonly now: () => number;
}

/** The key of a run's tombstone for an account. */
export function deletedKey(account: string, runId: string): Deno.KvKey {
  return ["deleted", account, runId];
}

/** The key under which a removal waits for its time. */
export function purgeKey(dueMs: number, account: string, runId: string): Deno.KvKey {
  return ["purge", dueMs, account, runId];
}

/** Removals that are due by a time (Unix ms). */
export function purgesUntil(ms: number): Deno.KvListSelector {
  return { start: ["purge"], end: ["purge", ms + 1] };
}

/** An account's tombstone of a run, or `null`. */
export async function readTombstone(
  kv: Deno.Kv,
  account: string,
  runId: string,
): Promise<Tombstone | null> {
  return (await kv.get<Tombstone>(deletedKey(account, runId))).value;
}

/**
 * Takes a run out of an account's history at once; everything of it that nobody else has is removed
 * after `undoMs`. Returns whose it still is, or `null` where the account has no such run. Repeating a
 * deletion changes nothing and succeeds, for the answer to the first may have been lost.
 */
export async function removeRun(
  { kv, committer, now }: RemovalContext,
  account: string,
  runId: string,
  options: { readonly undoMs: number; readonly retired?: true },
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
    const tombstone: Tombstone = {
      deleted_ms: deletedMs,
      undo: summary === null
        ? null
        : { member: member.value, summary, kept: keptCountsOf(summary) },
      ...(options.retired === undefined ? {} : { retired: options.retired }),
    };
    const head: Head = {
      ...found.head,
      members: found.head.members.filter((id) => id !== account),
      leaving: [...found.head.leaving ?? [], account],
    };
    const left = summary === null ? null : leaveHistory(account, summary, { nowMs: deletedMs });
    const result = await committer.commit({
      checks: [member, { key: headKey(runId), versionstamp: found.versionstamp }],
      mutations: [
        { type: "set", key: deletedKey(account, runId), value: tombstone },
        { type: "set", key: purgeKey(deletedMs + options.undoMs, account, runId), value: null },
        { type: "set", key: headKey(runId), value: head },
        ...left?.mutations ?? [{ type: "delete", key: member.key }],
        ...(isCounted(tombstone) ? [purgingMutation(account, 1)] : []),
      ],
    });
    if (result.ok) return head;
  }
}

/** What became of an undo; `late`: it was deleted, and that is final. */
export type RestoreOutcome = "restored" | "late" | "unknown";

/**
 * Puts a run that was deleted less than `undoMs` ago back into an account's history, as it is now. A run
 * that is there already counts as restored, for the answer to the first request may have been lost.
 */
export async function restoreRun(
  { kv, committer, now }: RemovalContext,
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
      members: [...found.head.members, account],
      leaving: (found.head.leaving ?? []).filter((id) => id !== account),
    };
    const range = { from: 1, to: head.last_id, output: null };
    const view = foldEvents(await Array.fromAsync(readTrace(kv, runId, range)));
    const joined = joinHistory(account, summaryWith(undo.summary, head, view), {
      nowMs: now(),
      member: undo.member,
      kept: undo.kept,
    });
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
      ],
    });
    if (result.ok) return "restored";
  }
}
