/**
 * Removes all of an account's runs at once and for good. Safe to repeat: a crash half way leaves an
 * account with fewer runs.
 */
import { deleteAll } from "../../store/mod.ts";
import type { Head } from "../log/mod.ts";
import { forgetHistory, runsBefore } from "../history/mod.ts";
import { deletedKey, type RemovalContext, removeRun, type Tombstone } from "./removal.ts";

/** Removals in progress at once: their commits are grouped. */
const AT_ONCE = 40;

/**
 * Removes an account's runs without an undo, and all traces of those it removed before. The sweep does
 * the rest within a minute. `onRemoved` receives each run's remaining members. Returns the number of
 * runs removed.
 */
export async function removeAllRuns(
  context: RemovalContext,
  account: string,
  onRemoved: (runId: string, left: Pick<Head, "members">) => void,
): Promise<number> {
  let removed = 0;
  for (;;) {
    const runIds = await firstOf(runsBefore(context.kv, account, Number.MAX_SAFE_INTEGER), AT_ONCE);
    if (runIds.length === 0) break;
    const left = await Promise.all(runIds.map(async (runId) => {
      const members = await removeRun(context, account, runId, { undoMs: 0, retired: true });
      if (members !== null) onRemoved(runId, members);
      return members;
    }));
    const gone = left.filter((members) => members !== null).length;
    // Orphaned history lines can't be repaired here. Stop instead of looping.
    if (gone === 0) break;
    removed += gone;
  }
  await retireTombstones(context, account);
  await forgetHistory(context.kv, context.committer, account);
  return removed;
}

/** Tombstones prevent a run from being adopted again. Without an account, nothing can adopt it. */
async function retireTombstones({ kv, committer }: RemovalContext, account: string): Promise<void> {
  const final: Deno.KvKey[] = [];
  for await (const entry of kv.list<Tombstone>({ prefix: deletedKey(account, "").slice(0, 2) })) {
    if (entry.value.undo === null) final.push(entry.key);
    // Not purged yet: the purge deletes it.
    else if (!entry.value.retired) {
      const value: Tombstone = { ...entry.value, retired: true };
      await committer.commit({
        checks: [entry],
        mutations: [{ type: "set", key: entry.key, value }],
      });
    }
  }
  await deleteAll(committer, final);
}

async function firstOf(ids: AsyncIterable<string>, count: number): Promise<string[]> {
  const taken: string[] = [];
  for await (const id of ids) {
    taken.push(id);
    if (taken.length === count) break;
  }
  return taken;
}
