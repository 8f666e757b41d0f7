/**
 * Lists of runs in history order, and their intersection. Batches grow during sequential reads and start
 * small after a jump, so a search reads about as much as its shortest list holds.
 */
import { type Position, positionOf } from "../history/mod.ts";

/** The direction, time range and start of a walk. */
export interface Walk {
  /** From newest to oldest. */
  readonly older: boolean;
  /** Created at or after (Unix ms). */
  readonly from_ms: number;
  /** Created before (Unix ms). */
  readonly to_ms: number;
  /** Starts after this position. */
  readonly after: Position | null;
}

/** The number of keys that a search may still read. */
export interface Budget {
  keys: number;
}

/** A search has reached its read limit. It continues from the last position it examined. */
export class BudgetError extends Error {
  override name = "BudgetError";
}

/** Runs in walk order. */
export interface Postings {
  /** Returns the next run without consuming it; `null` at the end. Throws {@linkcode BudgetError}. */
  peek(): Promise<Position | null>;
  /** Skips everything before a position. */
  seek(to: Position): void;
  /** Consumes the run that {@linkcode peek} returned. */
  skip(): void;
}

const FIRST_BATCH = 32;
const MAX_BATCH = 512;

/** Negative if `a` comes before `b` in the walk. */
export function compare(a: Position, b: Position, { older }: Pick<Walk, "older">): number {
  const ascending = a.created_ms - b.created_ms ||
    (a.run_id < b.run_id ? -1 : a.run_id > b.run_id ? 1 : 0);
  return older ? -ascending : ascending;
}

/** The runs under a key prefix. */
export class PostingList implements Postings {
  readonly #kv: Deno.Kv;
  readonly #prefix: Deno.KvKey;
  readonly #walk: Walk;
  readonly #budget: Budget;
  #buffer: Position[] = [];
  #head = 0;
  #batch = FIRST_BATCH;
  /** Continue reading at this position, or after it. */
  #next: { readonly at: Position; readonly inclusive: boolean } | null;
  #end = false;

  constructor(kv: Deno.Kv, prefix: Deno.KvKey, walk: Walk, budget: Budget) {
    this.#kv = kv;
    this.#prefix = prefix;
    this.#walk = walk;
    this.#budget = budget;
    this.#next = walk.after === null ? null : { at: walk.after, inclusive: false };
  }

  async peek(): Promise<Position | null> {
    if (this.#head >= this.#buffer.length && !this.#end) await this.#read();
    return this.#buffer[this.#head] ?? null;
  }

  skip(): void {
    this.#head++;
  }

  seek(to: Position): void {
    while (this.#head < this.#buffer.length) {
      if (compare(this.#buffer[this.#head]!, to, this.#walk) >= 0) return;
      this.#head++;
    }
    if (this.#end || (this.#next !== null && compare(this.#next.at, to, this.#walk) >= 0)) return;
    this.#next = { at: to, inclusive: true };
    this.#batch = FIRST_BATCH;
  }

  async #read(): Promise<void> {
    if (this.#budget.keys <= 0) throw new BudgetError("A search has read as much as it may");
    const { older } = this.#walk;
    const options = { limit: this.#batch, batchSize: this.#batch, reverse: older };
    // Other lists are read at the same time: count all that this read may take, then what it took.
    this.#budget.keys -= this.#batch + 1;
    const entries = await Array.fromAsync(this.#kv.list(this.#selector(), options));
    this.#budget.keys += this.#batch - entries.length;
    this.#buffer = entries.map(({ key }) => positionOf(key));
    this.#head = 0;
    this.#end = entries.length < this.#batch;
    this.#batch = Math.min(MAX_BATCH, this.#batch * 2);
    const last = this.#buffer.at(-1);
    if (last !== undefined) this.#next = { at: last, inclusive: false };
  }

  #selector(): Deno.KvListSelector {
    const { older, from_ms, to_ms } = this.#walk;
    const start = [...this.#prefix, from_ms], end = [...this.#prefix, to_ms];
    if (this.#next === null) return { start, end };
    const { at, inclusive } = this.#next;
    const before = [...this.#prefix, at.created_ms, at.run_id];
    const behind = [...this.#prefix, at.created_ms, `${at.run_id}\0`];
    if (older) {
      return at.created_ms < to_ms ? { start, end: inclusive ? behind : before } : { start, end };
    }
    return at.created_ms >= from_ms ? { start: inclusive ? before : behind, end } : { start, end };
  }
}

/** The runs that are in any of several lists. */
export class Union implements Postings {
  readonly #lists: readonly Postings[];
  readonly #walk: Walk;
  /** The next run of each list; `undefined` if not read yet. */
  readonly #heads: (Position | null | undefined)[];

  constructor(lists: readonly Postings[], walk: Walk) {
    this.#lists = lists;
    this.#walk = walk;
    this.#heads = lists.map(() => undefined);
  }

  async peek(): Promise<Position | null> {
    const unread = [...this.#heads.keys()].filter((index) => this.#heads[index] === undefined);
    await Promise.all(unread.map(async (index) => {
      this.#heads[index] = await this.#lists[index]!.peek();
    }));
    return this.#first();
  }

  seek(to: Position): void {
    for (const [index, list] of this.#lists.entries()) {
      const head = this.#heads[index];
      if (head === null || (head !== undefined && compare(head, to, this.#walk) >= 0)) continue;
      list.seek(to);
      this.#heads[index] = undefined;
    }
  }

  skip(): void {
    const first = this.#first();
    if (first === null) return;
    for (const [index, list] of this.#lists.entries()) {
      const head = this.#heads[index];
      // Several lists may contain it.
      if (!head || compare(head, first, this.#walk) !== 0) continue;
      list.skip();
      this.#heads[index] = undefined;
    }
  }

  #first(): Position | null {
    let first: Position | null = null;
    for (const head of this.#heads) {
      if (head && (first === null || compare(head, first, this.#walk) < 0)) first = head;
    }
    return first;
  }
}

/** The runs that are in all of several lists: each list jumps to the others' position. */
export class Intersection implements Postings {
  readonly #lists: readonly Postings[];
  readonly #walk: Walk;

  constructor(lists: readonly Postings[], walk: Walk) {
    this.#lists = lists;
    this.#walk = walk;
  }

  /** The last position examined. Everything before it in the walk is done. */
  reached: Position | null = null;

  async peek(): Promise<Position | null> {
    let target = await this.#lists[0]?.peek() ?? null;
    for (let agreed = 1, index = 1; target !== null && agreed < this.#lists.length;) {
      const list = this.#lists[index % this.#lists.length]!;
      this.reached = target;
      list.seek(target);
      const head: Position | null = await list.peek();
      agreed = head !== null && compare(head, target, this.#walk) === 0 ? agreed + 1 : 1;
      target = head;
      index++;
    }
    return target;
  }

  seek(to: Position): void {
    for (const list of this.#lists) list.seek(to);
  }

  skip(): void {
    this.#lists[0]?.skip();
  }
}
