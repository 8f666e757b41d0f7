/**
 * Removes everything of an account's runs at once and for good. Safe to repeat: a crash half way leaves
 * an account with fewer runs.
 */
import { deleteAll } from "../../store/mod.ts";
import type { Head } from "../log/mod.ts";
import { forgetHistory, runsBefore } from "../history/mod.ts";
import { deletedKey, type RemovalContext, removeRun, type Tombstone } from "./removal.ts";

/** Removals under way at once: their commits go together. */
const AT_ONCE = 40;

/**
 * Removes an account's runs without an undo, and every trace of those it removed before. The sweep does
 * the rest within a minute. `onRemoved` hears whose each run still is. Returns how many runs there were.
 */
export async function removeAllRuns(
  context: RemovalContext,
  account: string,
  onRemoved: (runId: string, left: Pick<Head, "members">) => void,
): Promise<number> {
  let removed = 0;
  for (;;) {
    const runIds = await take(runsBefore(context.kv, account, Number.MAX_SAFE_INTEGER), AT_ONCE);
    if (runIds.length === 0) break;
    const left = await Promise.all(runIds.map(async (runId) => {
      const members = await removeRun(context, account, runId, { undoMs: 0, retired: true });
      if (members !== null) onRemoved(runId, members);
      return members;
    }));
    const gone = left.filter((members) => members !== null).length;
    // Lines of the history without a run behind them are none of ours to mend, and no reason to spin.
    if (gone === 0) break;
    removed += gone;
  }
  await retireTombstones(context, account);
  await forgetHistory(context.kv, context.committer, account);
  return removed;
}

/** Tombstones keep a run from being adopted again; without an account there is nobody to adopt it. */
async function retireTombstones({ kv, committer }: RemovalContext, account: string): Promise<void> {
  const final: Deno.KvKey[] = [];
  for await (const entry of kv.list<Tombstone>({ prefix: deletedKey(account, "").slice(0, 2) })) {
    if (entry.value.undo === null) final.push(entry.key);
    // Still to be purged: the purge takes it along.
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

async function take(ids: AsyncIterable<string>, count: number): Promise<string[]> {
  const taken: string[] = [];
  for await (const id of ids) {
    taken.push(id);
    if (taken.length === count) break;
  }
  return taken;
}
