/** Keeps batches in step with their accounts and runs: moves, removes, retires and exports them. */
import { readRecord, type WrittenWith } from "../../runs/mod.ts";
import { rowView, type TableRow } from "../model/mod.ts";
import { type Order, orderMutation, type SentRun } from "./stored_orders.ts";
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
  /** Starts the execution of a batch's stored orders. */
  readonly hold: (id: string) => void;
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

  /**
   * Returns the writes for a run's deletion (`forget`: its row keeps only the uploaded cells), or for undoing
   * it (`remember`: its row gets the result back). Returns `null` if the run is not a row of a batch.
   */
  async runChanging(
    account: string,
    runId: string,
    type: "forget" | "remember",
  ): Promise<WrittenWith | null> {
    const found = await this.#rowOf(account, runId);
    if (found === null) return null;
    const { hold, now } = this.#context;
    const order = { type, ...found.sent };
    return {
      mutations: [orderMutation(found.id, now(), { order })],
      written: () => hold(found.id),
    };
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
  async #rowOf(
    account: string,
    runId: string,
  ): Promise<{ readonly id: string; readonly sent: SentRun } | null> {
    const { kv, reader } = this.#context;
    const record = await readRecord(kv, runId);
    const id = record?.group_id ?? null, own = placeOf(record?.input.metadata);
    if (id === null) return null;
    // Deleting a batch deletes its runs too.
    const found = await reader.find(id);
    if (found?.record.account !== account) return null;
    const { rows } = await reader.page(id, found);
    // In an adopted group, only the metadata of runs that were sent from here names their row.
    const taken = rows.findIndex((row: StoredRow) => row.run_id === runId);
    const place = taken === -1 ? own : { row: taken + 1, attempt: 1 };
    return place === null ? null : { id, sent: { ...place, run_id: runId } };
  }
}
