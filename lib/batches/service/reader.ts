/** Reads batches for pages. */
import {
  type BatchHead,
  type BatchRecord,
  caughtUp,
  firstView,
  keys,
  readAdded,
  readBatchLog,
} from "./store.ts";
import type { SetTask } from "./set_task.ts";
import { readTable, type StoredTable, withAdded } from "./table.ts";
import { applyBatchEvent, type BatchView } from "../model/mod.ts";
import type { Batch, BatchPage } from "./types.ts";

/** Batches to cache. */
const KEPT = 4;
const ID = /^[\w-]{1,100}$/;

/** The small stored parts of a batch. */
export interface FoundBatch {
  readonly record: BatchRecord;
  readonly head: BatchHead;
}

interface Kept {
  readonly table: StoredTable & SetTask;
  /** The additions in the table. */
  readonly added: BatchHead["added"];
  readonly view: BatchView;
}

/** Finds and reads batches, and caches the last few. */
export class BatchReader {
  readonly #kv: Deno.Kv;
  readonly #kept = new Map<string, Kept>();

  constructor(kv: Deno.Kv) {
    this.#kv = kv;
  }

  /** Finds a batch. Deleted batches are found only on request. */
  async find(
    id: string,
    { deletedToo = false }: { readonly deletedToo?: boolean } = {},
  ): Promise<FoundBatch | null> {
    if (!ID.test(id)) return null;
    const [record, head] = await this.#kv.getMany<[BatchRecord, BatchHead]>([
      keys.record(id),
      keys.head(id),
    ]);
    if (record.value === null || head.value === null) return null;
    if (head.value.deleted_ms !== null && !deletedToo) return null;
    return { record: record.value, head: head.value };
  }

  /** Finds the batch of a share link. */
  async shared(
    token: string,
  ): Promise<{ readonly id: string; readonly found: FoundBatch } | null> {
    if (!ID.test(token)) return null;
    const { value: id } = await this.#kv.get<string>(keys.share(token));
    const found = id === null ? null : await this.find(id);
    return id === null || found === null || found.head.share !== token ? null : { id, found };
  }

  /** Everything the page shows, as of a time. */
  async page(
    id: string,
    { record, head }: FoundBatch,
    beforeMs = Infinity,
  ): Promise<BatchPage> {
    const { table, ...kept } = await this.#keptOf(id, record, head);
    const { columns, plan, task, rows } = table;
    const isOld = beforeMs < Infinity;
    const view = isOld ? await this.#viewBefore(id, record, head, beforeMs) : kept.view;
    const { processor, price_usd, created_ms, simulated, adopted } = record;
    const batch: Batch = {
      id,
      created_ms,
      processor,
      price_usd,
      simulated,
      ...adopted && { adopted },
      columns,
      plan,
      task,
    };
    return { batch, view, rows: isOld ? rows.slice(0, view.rows) : rows, share: head.share };
  }

  async #viewBefore(
    id: string,
    record: BatchRecord,
    { last_id: to }: BatchHead,
    beforeMs: number,
  ): Promise<BatchView> {
    let view = firstView(record);
    for await (const event of readBatchLog(this.#kv, id, { from: 1, to })) {
      if (event.at_ms >= beforeMs) break;
      view = applyBatchEvent(view, event);
    }
    return view;
  }

  async #tableOf(id: string, record: BatchRecord, head: BatchHead): Promise<Kept["table"]> {
    const known = this.#kept.get(id);
    // Additions that were joined since are read again.
    const isGrown = known?.added.every(({ version }, at) => version === head.added[at]?.version);
    if (known === undefined || !isGrown) return await readTable(this.#kv, id, record, head);
    let { table } = known;
    for (const added of head.added.slice(known.added.length)) {
      table = { ...table, ...withAdded(table, added, await readAdded(this.#kv, id, added)) };
    }
    return table;
  }

  /** Table and view of a batch as of this head, cached for the last few batches. */
  async #keptOf(id: string, record: BatchRecord, head: BatchHead): Promise<Kept> {
    const kv = this.#kv;
    const known = this.#kept.get(id);
    const table = await this.#tableOf(id, record, head);
    const view = await caughtUp(kv, id, known?.view ?? firstView(record), head.last_id);
    const kept: Kept = { table, added: head.added, view };
    this.#kept.delete(id);
    this.#kept.set(id, kept);
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size <= KEPT) break;
      this.#kept.delete(oldest);
    }
    return kept;
  }
}
