/**
 * Orders to a batch. An order is stored first. The process that holds the batch then executes and removes it in
 * one commit. This module owns `["batch-command", id, ms, command_id]`.
 */
import type { Committer } from "../../store/mod.ts";
import type { OutputColumn } from "../model/mod.ts";
import type { AddedRows } from "./store.ts";
import type { BatchCommand } from "./types.ts";

/** A user's command, or a change that the app makes itself. */
export type Order =
  | BatchCommand
  | { readonly type: "add"; readonly added: AddedRows; readonly rows: number }
  | {
    readonly type: "columns";
    readonly added: AddedRows;
    readonly processor: string;
    readonly columns: readonly OutputColumn[];
    readonly trial: number | null;
  }
  | { readonly type: "share"; readonly token: string }
  | { readonly type: "unshare" }
  | { readonly type: "delete" }
  | { readonly type: "undelete" }
  /** The group has runs that are not rows yet. */
  | { readonly type: "look" }
  /** The account was merged into another one. */
  | { readonly type: "move"; readonly account: string }
  /** One run was deleted. */
  | { readonly type: "forget" } & SentRun
  /** The deletion of a run was undone. */
  | { readonly type: "remember" } & SentRun;

/** A run and its row. */
export interface SentRun {
  readonly row: number;
  readonly attempt: number;
  readonly run_id: string;
}

/** A stored order. */
export interface StoredOrder {
  readonly order: Order;
  /** The user's API key. Later rows are sent with it. */
  readonly sealed_key?: string | undefined;
  readonly client?: string | undefined;
}

/** The key prefix of a batch's orders. */
export function ordersKey(id: string): Deno.KvKey {
  return ["batch-command", id];
}

/** The write that stores an order. */
export function orderMutation(id: string, nowMs: number, value: StoredOrder) {
  return { type: "set", key: [...ordersKey(id), nowMs, crypto.randomUUID()], value } as const;
}

/** Stores an order and returns its key. */
export async function storeOrder(
  { committer, now }: { readonly committer: Committer; readonly now: () => number },
  id: string,
  order: StoredOrder,
): Promise<Deno.KvKey> {
  const mutation = orderMutation(id, now(), order);
  await committer.commit({ mutations: [mutation] });
  return mutation.key;
}

/** Returns a batch's orders, oldest first. */
export function readOrders(kv: Deno.Kv, id: string): Promise<Deno.KvEntry<StoredOrder>[]> {
  return Array.fromAsync(kv.list<StoredOrder>({ prefix: ordersKey(id) }, { limit: 100 }));
}

/** Returns the IDs of batches with pending orders. */
export async function orderedBatches(kv: Deno.Kv): Promise<Set<string>> {
  const ids = new Set<string>();
  for await (const { key } of kv.list({ prefix: ["batch-command"] })) ids.add(String(key[1]));
  return ids;
}
