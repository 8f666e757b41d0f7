/** Makes runs that are already in a history rows of a batch. */
import type { Committer, Write } from "../../store/mod.ts";
import { changeHistory, readSummary } from "../history/mod.ts";
import { headKey, readHead } from "../log/mod.ts";
import type { BatchPlace } from "../model/mod.ts";

/** The dependencies of placing runs. */
export interface PlaceContext {
  readonly kv: Deno.Kv;
  readonly committer: Pick<Committer, "commit">;
  readonly now: () => number;
}

/**
 * Lists a run of an account's history as a row of a batch, not as its own line. Safe to repeat. Does nothing if
 * the account does not have the run.
 */
export async function placeInBatch(
  { kv, committer, now }: PlaceContext,
  account: string,
  runId: string,
  batch: BatchPlace,
): Promise<void> {
  for (;;) {
    const found = await readHead(kv, runId);
    if (found === null || !found.head.members.includes(account)) return;
    const { head, versionstamp } = found;
    const line = await readSummary(kv, account, head.created_ms, runId);
    if (line === null) return;
    if (line.batch?.id === batch.id && line.batch.row === batch.row) return;
    const changed = changeHistory(account, line, { ...line, batch }, { nowMs: now() });
    const write: Write = {
      checks: [{ key: headKey(runId), versionstamp }, ...changed.checks],
      mutations: [
        // Other writers of the line check the head: they must read the line again.
        { type: "set", key: headKey(runId), value: head },
        ...changed.mutations,
      ],
    };
    if ((await committer.commit(write)).ok) return;
  }
}
