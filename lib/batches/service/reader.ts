/** Reads batches for pages. */
import {
  type BatchContent,
  type BatchHead,
  type BatchRecord,
  caughtUp,
  firstView,
  keys,
  readAdded,
  readBatchLog,
  readContent,
} from "./store.ts";
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
  readonly content: BatchContent;
  readonly added: number;
  readonly rows: BatchContent["rows"];
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
    const { content, rows, ...kept } = await this.#keptOf(id, record, head);
    const isOld = beforeMs < Infinity;
    const view = isOld ? await this.#viewBefore(id, record, head, beforeMs) : kept.view;
    const { account: _, content: __, name: ___, rows: ____, ...rest } = record;
    const batch: Batch = {
      ...rest,
      id,
      columns: content.columns,
      plan: content.plan,
      task: content.task,
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

  /** Rows and view of a batch as of this head, cached for the last few batches. */
  async #keptOf(id: string, record: BatchRecord, head: BatchHead): Promise<Kept> {
    const kv = this.#kv;
    const known = this.#kept.get(id);
    const content = known?.content ?? await readContent(kv, id, record);
    let rows = known?.rows ?? content.rows;
    for (const added of head.added.slice(known?.added ?? 0)) {
      rows = [...rows, ...await readAdded(kv, id, added)];
    }
    const view = await caughtUp(kv, id, known?.view ?? firstView(record), head.last_id);
    const kept: Kept = { content, rows, added: head.added.length, view };
    this.#kept.delete(id);
    this.#kept.set(id, kept);
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size <= KEPT) break;
      this.#kept.delete(oldest);
    }
    return kept;
  }
}
