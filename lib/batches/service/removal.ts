/** Permanently removes batches with the runs of their rows. */
import { deletedKey, removeRun, type Tombstone } from "../../runs/mod.ts";
import { type Committer, deletePrefix } from "../../store/mod.ts";
import { isOver, sendView, WAITING } from "../model/mod.ts";
import type { Drafts } from "./drafts.ts";
import { ordersKey } from "./stored_orders.ts";
import { type BatchHead, type BatchRecord, caughtUp, firstView, keys } from "./store.ts";
import type { BatchSummary } from "./types.ts";

/** Dependencies of removing batches. */
export interface RemovalContext {
  readonly kv: Deno.Kv;
  readonly committer: Committer;
  readonly now: () => number;
  readonly drafts: Pick<Drafts, "removeOf">;
  /** Deletes other modules' data about an account's batch. May be called again after a crash. */
  readonly onErased?: (account: string, id: string) => Promise<void>;
}

/** How many runs to remove concurrently. Their commits are grouped. */
const AT_ONCE = 40;

/** Removes batches whose deletion can no longer be undone. */
export async function sweepBatches(context: RemovalContext): Promise<void> {
  const { kv, now } = context;
  for await (const { key } of kv.list(keys.purges(now()))) {
    const id = String(key[2]);
    await markDeleted(context, id);
    // Removals that a dead process left unfinished.
    await removeRunsOf(context, id);
    await purge(context, id, key);
  }
}

/** Its group must not be adopted again, not even once its batch and runs are forgotten. */
async function markDeleted({ kv, committer, now }: RemovalContext, id: string): Promise<void> {
  const { value: record } = await kv.get<BatchRecord>(keys.record(id));
  if (record === null) return;
  const value: Tombstone = { deleted_ms: now(), undo: null };
  const key = deletedKey(record.account, id);
  await committer.commit({ mutations: [{ type: "set", key, value }] });
}

/**
 * Removes all batches of an account, including deletions that could still be undone. The account's runs are
 * removed elsewhere, afterwards: its batches create new runs until they are gone.
 */
export async function removeBatchesOf(context: RemovalContext, account: string): Promise<void> {
  const { kv } = context;
  const lines = kv.list<BatchSummary>({ prefix: keys.lines(account) });
  for await (const { key, value: { id } } of lines) await purge(context, id, key);
  for await (const { key } of kv.list(keys.purges(Number.MAX_SAFE_INTEGER - 1))) {
    const id = String(key[2]);
    const { value } = await kv.get<BatchRecord>(keys.record(id));
    if (value?.account === account) await purge(context, id, key);
  }
}

/** Removes an account's batches with all their runs if the newest run is older than a time. */
export async function retireBatches(
  context: RemovalContext,
  account: string,
  beforeMs: number,
): Promise<void> {
  const range = { start: keys.lines(account), end: [...keys.lines(account), beforeMs] };
  for await (const { key, value: line } of context.kv.list<BatchSummary>(range)) {
    const isActive = Object.keys(line.counts).some((status) =>
      status !== WAITING && !isOver(status)
    );
    if (line.state === "running" || isActive) continue;
    const newestMs = line.sent_ms === undefined ? await sentMs(context.kv, line) : line.sent_ms;
    if ((newestMs ?? line.created_ms) >= beforeMs) continue;
    await removeRunsOf(context, line.id);
    await purge(context, line.id, key);
  }
}

/** When a row was last sent, from the batch's log. */
async function sentMs(kv: Deno.Kv, { id }: BatchSummary): Promise<number | null> {
  return (await viewOf(kv, id))?.view.sent_ms ?? null;
}

async function viewOf(kv: Deno.Kv, id: string) {
  const [record, head] = await kv.getMany<[BatchRecord, BatchHead]>([
    keys.record(id),
    keys.head(id),
  ]);
  if (record.value === null || head.value === null) return null;
  const view = await caughtUp(kv, id, firstView(record.value), head.value.last_id);
  return { record: record.value, view };
}

/** Removes the runs of a batch's rows, including earlier attempts. */
async function removeRunsOf(context: RemovalContext, id: string): Promise<void> {
  const found = await viewOf(context.kv, id);
  if (found === null) return;
  const { record: { account }, view } = found;
  const runIds = view.sets.flatMap((_, set) =>
    Array.from({ length: view.rows }, (_, at) => sendView(view, set, at + 1))
      .flatMap(({ run_id, earlier }) => [run_id, ...earlier.map((answer) => answer.run_id)])
      .filter((runId) => runId !== null)
  );
  for (let from = 0; from < runIds.length; from += AT_ONCE) {
    await Promise.all(
      runIds.slice(from, from + AT_ONCE).map((runId) =>
        removeRun(context, account, runId, { undoMs: 0, retired: true })
      ),
    );
  }
}

/**
 * Removes a batch. The head goes first, so no process can hold the batch and send more rows. The purge key
 * goes last, so the next sweep finishes a removal that was interrupted.
 */
async function purge(
  { kv, committer, drafts, onErased }: RemovalContext,
  id: string,
  last: Deno.KvKey,
): Promise<void> {
  const { value: record } = await kv.get<BatchRecord>(keys.record(id));
  // A draft would keep its table for a day, even after it was sent.
  if (record !== null) await drafts.removeOf(record.account, id);
  if (record !== null) await onErased?.(record.account, id);
  const share = (await kv.get<BatchHead>(keys.head(id))).value?.share ?? null;
  const gone = [
    ...share === null ? [] : [keys.share(share)],
    keys.head(id),
    keys.active(id),
  ];
  await committer.commit({ mutations: gone.map((key) => ({ type: "delete", key })) });
  for (const prefix of [keys.log(id), ordersKey(id), keys.record(id)]) {
    await deletePrefix(kv, committer, prefix);
  }
  await committer.commit({ mutations: [{ type: "delete", key: last }] });
}
