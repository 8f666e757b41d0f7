/** The list of batches, and the lookup of a run's row. */
import type { BatchPlace } from "../../runs/model/mod.ts";
import type { Position } from "../../runs/mod.ts";
import { placeOf } from "./look_up.ts";
import { type BatchRecord, keys } from "./store.ts";
import type { BatchSummary, BesideOptions } from "./types.ts";

/** Lines per page. */
const LIST_LIMIT = 25;
/** Lines to read when searching for matches of a filter. */
const MAX_READ = 500;

/** Selects a page. `cursor` is `next` of the previous page. */
export interface ListOptions {
  readonly limit?: number;
  readonly cursor?: string | null;
}

/** The list of batches. */
export class BatchListing {
  readonly #kv: Deno.Kv;
  readonly #beforeMs: number;

  /** Batches created at `beforeMs` (Unix ms) or later are left out. */
  constructor(kv: Deno.Kv, beforeMs = Infinity) {
    this.#kv = kv;
    this.#beforeMs = beforeMs;
  }

  /** Returns a page of an account's batches, newest first. */
  async page(
    account: string,
    { limit = LIST_LIMIT, cursor = null }: ListOptions = {},
  ): Promise<{ readonly batches: readonly BatchSummary[]; readonly next: string | null }> {
    const [ms, id = ""] = cursor?.split(".") ?? [];
    const prefix = keys.lines(account);
    const isCursor = Number.isSafeInteger(Number(ms)) && cursor?.includes(".");
    const [endMs, endId] = isCursor && Number(ms) < this.#beforeMs
      ? [Number(ms), id]
      : [this.#beforeMs, ""];
    const selector = endMs === Infinity
      ? { prefix }
      : { start: prefix, end: keys.line(account, endMs, endId) };
    const found = await Array.fromAsync(
      this.#kv.list<BatchSummary>(selector, { reverse: true, limit: limit + 1 }),
    );
    const batches = found.slice(0, limit).map(({ value }) => value);
    const last = batches.at(-1);
    const next = found.length > limit && last ? `${last.created_ms}.${last.id}` : null;
    return { batches, next };
  }

  /** Returns the batches next to a position in a list, nearest first. `null` starts at the end. */
  async beside(
    account: string,
    at: Position | null,
    { newer, limit, fits }: BesideOptions,
  ): Promise<BatchSummary[]> {
    const prefix = keys.lines(account);
    const place = at === null ? undefined : keys.line(account, at.created_ms, at.run_id);
    const selector = place === undefined
      ? { prefix }
      : newer
      ? { prefix, start: [...place, ""] }
      : { prefix, end: place };
    const lines: BatchSummary[] = [];
    const options = { reverse: !newer, limit: MAX_READ };
    for await (const { value } of this.#kv.list<BatchSummary>(selector, options)) {
      if (value.created_ms < this.#beforeMs && fits(value)) lines.push(value);
      if (lines.length === limit) break;
    }
    return lines;
  }

  /** Returns the lines of these batches, omitting any that the account does not have. */
  async lines(
    account: string,
    batchIds: readonly string[],
  ): Promise<BatchSummary[]> {
    const lines = await Promise.all(batchIds.map(async (id) => {
      const { value: record } = await this.#kv.get<BatchRecord>(keys.record(id));
      if (record?.account !== account || record.created_ms >= this.#beforeMs) return null;
      return (await this.#kv.get<BatchSummary>(keys.line(account, record.created_ms, id))).value;
    }));
    return lines.filter((line) => line !== null);
  }

  /** Returns the row of an account's batch that a run belongs to; `null` for any other run. */
  async placeOf(
    account: string,
    groupId: string,
    metadata: Parameters<typeof placeOf>[0],
  ): Promise<BatchPlace | null> {
    const place = placeOf(metadata);
    const { value } = await this.#kv.get<BatchRecord>(keys.record(groupId));
    if (value?.account !== account) return null;
    // A run that was added elsewhere to an adopted group gets its row later.
    const row = place?.row ?? (value.adopted ? 0 : null);
    return row === null ? null : { id: groupId, row };
  }
}
