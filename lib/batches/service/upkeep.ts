/** Keeps batches in step with their accounts and runs: moves, removes, retires and exports them. */
import { readRecord } from "../../runs/mod.ts";
import { rowView, sendView, setOf, type TableRow } from "../model/mod.ts";
import { type Order, type SentRun } from "./stored_orders.ts";
import type { Drafts } from "./drafts.ts";
import { placeOf } from "./look_up.ts";
import type { BatchReader } from "./reader.ts";
import type { StoredRow } from "./table.ts";
import { type RemovalContext, removeBatchesOf, retireBatches, sweepBatches } from "./removal.ts";
import { keys } from "./store.ts";
import type { BatchSummary } from "./types.ts";

/** Dependencies of the upkeep. */
export interface UpkeepContext extends RemovalContext {
  readonly reader: BatchReader;
  readonly drafts: Drafts;
  /** Executes an order, or leaves it to the process that holds the batch. */
  readonly order: (id: string, order: Order) => Promise<unknown>;
  /** The same without waiting for it. */
  readonly leave: (id: string, order: Order) => Promise<void>;
}

/** Rows per line of an export. */
const LINE_ROWS = 100;

/** Keeps batches in step with accounts and runs. One per process. */
export class BatchUpkeep {
  readonly #context: UpkeepContext;

  constructor(context: UpkeepContext) {
    this.#context = context;
  }

  /** Removes batches whose deletion can no longer be undone. */
  sweep(): Promise<void> {
    return sweepBatches(this.#context);
  }

  /** Removes an account's batches with all their runs if the newest run is older than a time. */
  retire(account: string, beforeMs: number): Promise<void> {
    return retireBatches(this.#context, account, beforeMs);
  }

  /** Permanently removes all batches and drafts of an account. Its runs are removed elsewhere, afterwards. */
  async removeAll(account: string): Promise<void> {
    await removeBatchesOf(this.#context, account);
    await this.#context.drafts.removeAll(account);
  }

  /** Moves all batches and drafts of an account to the account it was merged into. Safe to repeat. */
  async moveAll(from: string, to: string): Promise<void> {
    const { kv, order, drafts } = this.#context;
    for await (const { value: { id } } of kv.list<BatchSummary>({ prefix: keys.lines(from) })) {
      await order(id, { type: "move", account: to });
    }
    await drafts.moveAll(from, to);
  }

  /** Whether a task group is a batch of the account. */
  async isBatch(account: string, groupId: string): Promise<boolean> {
    const found = await this.#context.reader.find(groupId, { deletedToo: true });
    return found?.record.account === account;
  }

  /** Call this when one run was deleted. Its row keeps only the uploaded cells. */
  async runRemoved(account: string, runId: string): Promise<void> {
    const found = await this.#rowOf(account, runId);
    if (found !== null) await this.#context.leave(found.id, { type: "forget", ...found.sent });
  }

  /** Call this when a run's deletion was undone. Its row gets the result back. */
  async runRestored(account: string, runId: string): Promise<void> {
    const found = await this.#rowOf(account, runId);
    if (found?.isForgotten) {
      await this.#context.leave(found.id, { type: "remember", ...found.sent });
    }
  }

  /** All batches of an account as values for an export: each batch, then its rows. */
  async *exported(
    account: string,
    beforeMs: number,
  ): AsyncGenerator<Readonly<Record<string, unknown>>> {
    const { kv, reader } = this.#context;
    for await (const { value: { id } } of kv.list<BatchSummary>({ prefix: keys.lines(account) })) {
      const found = await reader.find(id);
      if (found === null || found.record.created_ms >= beforeMs) continue;
      const { batch, view, rows } = await reader.page(id, found, beforeMs);
      const { name, state, outputs } = view;
      yield { batch: { ...batch, name, state, rows: rows.length, outputs } };
      for (let from = 0; from < rows.length; from += LINE_ROWS) {
        const some = rows.slice(from, from + LINE_ROWS).map((row: TableRow, at) => {
          const { status, run_id } = rowView(view, from + at + 1);
          return { row: from + at + 1, cells: row.cells, status, run_id };
        });
        yield { batch_rows: { batch_id: id, rows: some } };
      }
    }
  }

  /** Finds the row of a run, if its batch exists. */
  async #rowOf(account: string, runId: string): Promise<
    { readonly id: string; readonly sent: SentRun; readonly isForgotten: boolean } | null
  > {
    const { kv, reader } = this.#context;
    const record = await readRecord(kv, runId);
    const id = record?.group_id ?? null, own = placeOf(record?.input.metadata);
    if (id === null) return null;
    // Deleting a batch deletes its runs too.
    const found = await reader.find(id);
    if (found?.record.account !== account) return null;
    const { view, rows } = await reader.page(id, found);
    // Of an adopted group, only runs that were sent from here say which row they belong to.
    const taken = rows.findIndex((row: StoredRow) => row.run_id === runId);
    const place = taken === -1 ? own : { row: taken + 1, attempt: 1 };
    if (place === null) return null;
    const { status, attempt } = sendView(view, setOf(place.attempt), place.row);
    const isForgotten = status === "deleted" && attempt === place.attempt;
    return { id, sent: { ...place, run_id: runId }, isForgotten };
  }
}
