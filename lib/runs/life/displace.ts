/**
 * The API takes precedence over an import. A run that was imported from a file gives up its id as soon
 * as the API shows the real run to someone. The importing accounts keep a copy under a new id: a file
 * does not prove whose run it describes, but the imported data is theirs.
 */
import { findRecord, type Head, headKey, readHead } from "../log/mod.ts";
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

/** The dependencies for displacing. */
export interface DisplaceContext extends RemovalContext {
  /** Called when a run has lost its last member. */
  readonly onDisplaced: (runId: string) => void;
}

/** Returns whether a run was imported from a file, or is being imported. */
export async function isImport(kv: Deno.Kv, runId: string, head: Head): Promise<boolean> {
  return isUnfinished(head) || (await findRecord(kv, runId))?.source === "import";
}

/** Frees an id. Safe to repeat: a crash half way leaves a run with fewer members. */
export async function displaceImport(
  context: DisplaceContext,
  runId: string,
  { members }: Pick<Head, "members">,
): Promise<void> {
  const { now, onDisplaced } = context;
  const dueMs = now();
  for (const account of members) {
    await keepCopy(context, account, runId);
    await removeRun({ ...context, now: () => dueMs }, account, runId, {
      undoMs: 0,
      retired: true,
      copied: true,
    });
  }
  onDisplaced(runId);
  await endUndo(context, runId);
  // Keep the real run's own state, in case the sandbox created it.
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
  // Derive the id, so a retry creates no second copy. Its inputs are unknown to strangers.
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

/** Prevent members who deleted the import from restoring it: the id now belongs to another run. */
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
