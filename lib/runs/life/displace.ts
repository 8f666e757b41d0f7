/**
 * The API's word beats an import: a run that was taken in from a file gives its id to the real one, as
 * soon as the API shows that to somebody. The accounts that took it in keep it, as a copy under an id of
 * its own: no file proves whose run it tells of, but what it held is theirs.
 */
import { type Head, headKey, readHead, readRecord } from "../log/mod.ts";
import { readMember } from "../history/mod.ts";
import { importRun, isUnfinished } from "./import.ts";
import { readPage } from "./page.ts";
import { purge } from "./purge.ts";
import {
  deletedKey,
  finalMutations,
  type RemovalContext,
  removeRun,
  type Tombstone,
} from "./removal.ts";

/** What displacing needs of the world. */
export interface DisplaceContext extends RemovalContext {
  /** Told of a run that nobody who had it has any more. */
  readonly onDisplaced: (runId: string) => void;
}

/** Whether a run was taken in from a file, or is being. */
export async function isImport(kv: Deno.Kv, runId: string, head: Head): Promise<boolean> {
  return isUnfinished(head) || (await readRecord(kv, runId))?.source === "import";
}

/** Frees an id. Safe to repeat: a crash half way leaves a run that fewer accounts have. */
export async function displaceImport(
  context: DisplaceContext,
  runId: string,
  { members }: Pick<Head, "members">,
): Promise<void> {
  const { now, onDisplaced } = context;
  const dueMs = now();
  for (const account of members) {
    await keepCopy(context, account, runId);
    await removeRun({ ...context, now: () => dueMs }, account, runId, { undoMs: 0, retired: true });
  }
  onDisplaced(runId);
  await endUndo(context, runId);
  // The real run's own state, should the sandbox have made it, stays.
  const purging = { ...context, leaseMs: 0, onPurge: () => Promise.resolve() };
  for (const account of members.length === 0 ? [""] : members) {
    await purge(purging, { dueMs, account, runId });
  }
}

async function keepCopy(
  context: DisplaceContext,
  account: string,
  runId: string,
): Promise<void> {
  const { kv } = context;
  const [member, page] = await Promise.all([
    readMember(kv, account, runId),
    readPage(kv, account, runId),
  ]);
  if (member === null || page === null) return;
  const { run, events, gaps, output_text = null, ended_ms } = page;
  // Derived, so that a second try makes no second copy, and of what strangers do not know.
  const copyId = `${runId.slice(0, 64)}-${account.slice(0, 18)}`;
  const copy = { ...run, run_id: copyId };
  await importRun(context, account, {
    run: copy,
    title: member.title,
    events,
    gaps,
    output_text,
    ended_ms,
  });
}

/** Nobody who deleted the import may bring it back: it would be somebody else's run. */
async function endUndo({ kv, committer }: DisplaceContext, runId: string): Promise<void> {
  for (;;) {
    const found = await readHead(kv, runId);
    const { leaving = [] } = found?.head ?? {};
    if (found === null || found.head.gone || leaving.length === 0) return;
    const [account = "", ...others] = leaving;
    const tombstone = await kv.get<Tombstone>(deletedKey(account, runId));
    await committer.commit({
      checks: [tombstone, { key: headKey(runId), versionstamp: found.versionstamp }],
      mutations: [
        { type: "set", key: headKey(runId), value: { ...found.head, leaving: others } },
        ...(tombstone.value === null ? [] : finalMutations(account, tombstone, found.head.status)),
      ],
    });
  }
}
