/**
 * What people tell a batch to do. A command is stored first; the process that holds the batch carries it out, in
 * one commit with its removal. This module owns `["batch-command", id, ms, command_id]`.
 */
import type { Committer } from "../../store/mod.ts";
import { isOver, lowCells, type RowChange, type RowView, rowView, WAITING } from "../model/mod.ts";
import type { BatchLog, BatchWrite } from "./log.ts";
import { type AddedRows, keys } from "./store.ts";
import type { BatchCommand } from "./types.ts";

/** Everything that can be told. */
export type Order =
  | BatchCommand
  | { readonly type: "add"; readonly added: AddedRows; readonly rows: number }
  | { readonly type: "share"; readonly token: string }
  | { readonly type: "unshare" }
  | { readonly type: "delete" }
  | { readonly type: "undelete" }
  /** A run was deleted on its own. */
  | { readonly type: "forget"; readonly run_ids: readonly string[] };

/** A stored command. */
export interface StoredOrder {
  readonly order: Order;
  /** The key that pays from now on, if whoever gave it has one. */
  readonly sealed_key?: string | undefined;
  readonly client?: string | undefined;
}

/** How long a deletion can be undone (ms). */
export const UNDO_MS = 10 * 60_000;

/** The prefix of a batch's commands. */
export function ordersKey(id: string): Deno.KvKey {
  return ["batch-command", id];
}

/** Stores a command and returns its key. */
export async function storeOrder(
  { committer, now }: { readonly committer: Committer; readonly now: () => number },
  id: string,
  order: StoredOrder,
): Promise<Deno.KvKey> {
  const key = [...ordersKey(id), now(), crypto.randomUUID()];
  await committer.commit({ mutations: [{ type: "set", key, value: order }] });
  return key;
}

/** The commands of a batch, in the order in which they were given. */
export function readOrders(kv: Deno.Kv, id: string): Promise<Deno.KvEntry<StoredOrder>[]> {
  return Array.fromAsync(kv.list<StoredOrder>({ prefix: ordersKey(id) }, { limit: 100 }));
}

/** Ids of batches that have commands. */
export async function orderedBatches(kv: Deno.Kv): Promise<Set<string>> {
  const ids = new Set<string>();
  for await (const { key } of kv.list({ prefix: ["batch-command"] })) ids.add(String(key[1]));
  return ids;
}

/** What an order changes: rows first, then the rest in one commit. */
export interface OrderEffect extends BatchWrite {
  readonly rows: readonly RowChange[];
}

const GO: BatchWrite["events"] = [{ type: "state", data: { state: "running", reason: null } }];

/** What an order means for the batch as it is. Pure. */
export function effectOf(order: Order, log: BatchLog, now: number): OrderEffect {
  return { ...changeOf(order, log, now), isOrdered: true };
}

function changeOf(order: Order, log: BatchLog, now: number): OrderEffect {
  const { view, head, id } = log;
  switch (order.type) {
    case "start": {
      const allowance = order.rows === null ? null : order.rows;
      return { rows: [], events: GO, head: { allowance } };
    }
    case "pause": {
      const reason = "You paused it. Rows that were sent cannot be stopped at Parallel.";
      const isPausable = view.state === "running";
      const events: BatchWrite["events"] = isPausable
        ? [{ type: "state", data: { state: "paused", reason } }]
        : [];
      return { rows: [], events };
    }
    case "rename":
      return { rows: [], events: [{ type: "named", data: { name: order.name } }] };
    case "retry":
      return again(log, order.rows, isFailed, {});
    case "escalate":
      return again(log, order.rows, isLow, { processor: order.processor });
    case "add":
      return {
        rows: [],
        events: [{ type: "added", data: { rows: order.rows } }, ...GO!],
        head: { added: [...head.added, order.added] },
      };
    case "share":
      return head.share !== null ? { rows: [] } : {
        rows: [],
        head: { share: order.token },
        mutations: [{ type: "set", key: keys.share(order.token), value: id }],
      };
    case "unshare":
      return head.share === null ? { rows: [] } : {
        rows: [],
        head: { share: null },
        mutations: [{ type: "delete", key: keys.share(head.share) }],
      };
    case "delete":
      return head.deleted_ms !== null ? { rows: [] } : {
        rows: [],
        head: { deleted_ms: now },
        events: view.state === "running"
          ? [{ type: "state", data: { state: "paused", reason: "It was deleted." } }]
          : [],
        mutations: [{ type: "set", key: keys.purge(now + UNDO_MS, id), value: null }],
      };
    case "undelete":
      return head.deleted_ms === null ? { rows: [] } : {
        rows: [],
        head: { deleted_ms: null },
        mutations: [{ type: "delete", key: keys.purge(head.deleted_ms + UNDO_MS, id) }],
      };
    case "forget": {
      const gone = new Set(order.run_ids);
      const rows = viewsOf(log).filter(({ run_id }) => run_id !== null && gone.has(run_id));
      return { rows: rows.map(({ row, attempt }) => ({ row, attempt, status: "deleted" })) };
    }
  }
}

function viewsOf({ view }: BatchLog): RowView[] {
  return Array.from({ length: view.rows }, (_, at) => rowView(view, at + 1));
}

function isFailed({ status }: RowView): boolean {
  return isOver(status) && status !== "completed" && status !== "deleted";
}

function isLow({ status, cells }: RowView): boolean {
  return status === "completed" && cells !== null && lowCells(cells) > 0;
}

/** Rows that are over, to be sent once more. */
function again(
  log: BatchLog,
  wanted: readonly number[] | null,
  isMeant: (row: RowView) => boolean,
  more: Partial<RowChange>,
): OrderEffect {
  const named = wanted === null ? null : new Set(wanted);
  const rows = viewsOf(log).filter((row) =>
    named === null
      ? isMeant(row)
      // A row that is named may be sent again however it ended, but not while it runs.
      : named.has(row.row) && isOver(row.status) && row.attempt > 0
  );
  return {
    rows: rows.map(({ row, attempt, processor }) => ({
      row,
      attempt: attempt + 1,
      status: WAITING,
      processor,
      ...more,
    })),
    events: rows.length > 0 ? GO : [],
  };
}
