/** Stores rows or columns to add to a batch, and returns the orders that add them. */
import { matchRows, MAX_SETS, type Table } from "../model/mod.ts";
import type { Order } from "./stored_orders.ts";
import { askedColumns, type CreateBatchContext, storeTask } from "./create.ts";
import type { FoundBatch } from "./reader.ts";
import { isAdded, keys, readContent, writeValue } from "./store.ts";
import { openTask } from "./set_task.ts";
import { readTable } from "./table.ts";
import type { NewColumns } from "./types.ts";

type ExtendContext = Pick<CreateBatchContext, "committer" | "keyring" | "openKey"> & {
  readonly kv: Deno.Kv;
};

/** Stores rows to append. Returns `null` if the table has none of the batch's columns. */
export async function orderRows(
  { kv, committer }: ExtendContext,
  id: string,
  { record, head }: FoundBatch,
  table: Table,
  version: string,
): Promise<Order | null> {
  const { columns } = await readTable(kv, id, record, head);
  const matched = matchRows(columns, table);
  if (matched === null) return null;
  const parts = await writeValue(committer, keys.added(id, version), matched.rows);
  return { type: "add", added: { version, parts }, rows: matched.rows.length };
}

/** Stores a column set to add. Returns `null` if the batch has the maximum number of sets. */
export async function orderColumns(
  { kv, committer, keyring, openKey }: ExtendContext,
  id: string,
  { record, head }: FoundBatch,
  { processor, task_spec, trial }: NewColumns,
  version: string,
): Promise<Order | null> {
  const sets = head.sets ?? [];
  if (sets.length + 1 >= MAX_SETS && !isAdded(sets, version)) return null;
  const own = await openTask(await readContent(kv, id, record), openKey);
  const added = { ...own, processor, task_spec };
  const stored = await storeTask({ committer, keyring }, id, added, version);
  return { type: "columns", added: stored, processor, columns: askedColumns(added), trial };
}
