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

/** The cost of a call of KV's `list`, in keys. */
export const CALL_COST = 10;

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

/** Runs in walk order, with the figures that decide in which order lists are intersected. */
export interface RankedPostings extends Postings {
  /** Runs per millisecond of history in the last read. */
  readonly density: number;
  /** The number of lists that a jump may have to read. */
  readonly width: number;
  /** The prefix that the lists' words start with; `null` for lists that are not of words. */
  readonly term: string | null;
  /** If runs that match nothing were skipped: everything before this position in the walk is done. */
  readonly reached?: Position | null;
}

/** Larger reads cost more per key. */
const MAX_BATCH = 128;
/** A jump over more than this many times the last read starts with a small read again. */
const FAR = 4;

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
  readonly #firstBatch: number;
  #batch: number;
  /** Continue reading at this position, or after it. */
  #next: { readonly at: Position; readonly inclusive: boolean } | null;
  #end = false;

  constructor(kv: Deno.Kv, prefix: Deno.KvKey, walk: Walk, budget: Budget, firstBatch: number) {
    this.#firstBatch = this.#batch = firstBatch;
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

  /** The next run, if it is in memory; `null` at the end, `undefined` if it must be read. */
  get head(): Position | null | undefined {
    return this.#buffer[this.#head] ?? (this.#end ? null : undefined);
  }

  /** Runs per millisecond of history in the last read. 0 for a list that was read to its end. */
  get density(): number {
    const first = this.#buffer[0], last = this.#buffer.at(-1);
    if (this.#end || first === undefined || last === undefined) return 0;
    return this.#buffer.length / (Math.abs(last.created_ms - first.created_ms) + 1);
  }

  seek(to: Position): void {
    while (this.#head < this.#buffer.length) {
      if (compare(this.#buffer[this.#head]!, to, this.#walk) >= 0) return;
      this.#head++;
    }
    if (this.#end || (this.#next !== null && compare(this.#next.at, to, this.#walk) >= 0)) return;
    if (this.#isFar(to)) this.#batch = this.#firstBatch;
    this.#next = { at: to, inclusive: true };
  }

  /** Returns whether the next reads, each twice as long, would not get to a position soon. */
  #isFar(to: Position): boolean {
    const first = this.#buffer[0], last = this.#buffer.at(-1);
    if (first === undefined || last === undefined) return true;
    const span = Math.abs(last.created_ms - first.created_ms);
    return Math.abs(to.created_ms - last.created_ms) > FAR * span;
  }

  async #read(): Promise<void> {
    if (this.#budget.keys <= 0) throw new BudgetError("A search has read as much as it may");
    const { older } = this.#walk;
    const options = { limit: this.#batch, batchSize: this.#batch, reverse: older };
    // Reserve the most that this read can use, because other lists are read meanwhile. Then count what it used.
    this.#budget.keys -= this.#batch + CALL_COST;
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
export class Union implements RankedPostings {
  readonly term: string | null;
  readonly #lists: readonly PostingList[];
  readonly #walk: Walk;
  /** The lists whose next run is in memory, as a binary heap: the list with the first run is its root. */
  readonly #heap: PostingList[] = [];
  /** The lists whose next run must be read. */
  #unread: PostingList[];

  constructor(lists: readonly PostingList[], walk: Walk, term: string | null = null) {
    this.term = term;
    this.#lists = lists;
    this.#walk = walk;
    this.#unread = [...lists];
  }

  get density(): number {
    return this.#lists.reduce((sum, list) => sum + list.density, 0);
  }

  get width(): number {
    return this.#lists.length;
  }

  async peek(): Promise<Position | null> {
    if (this.#unread.length > 0) {
      await Promise.all(this.#unread.map((list) => list.peek()));
      for (const list of this.#unread) if (list.head) this.#push(list);
      this.#unread = [];
    }
    return this.#heap[0]?.head ?? null;
  }

  seek(to: Position): void {
    for (const list of this.#unread) list.seek(to);
    this.#advance((head) => compare(head, to, this.#walk) < 0, (list) => list.seek(to));
  }

  skip(): void {
    const first = this.#heap[0]?.head;
    // Several lists may contain it.
    if (!first) return;
    this.#advance((head) => compare(head, first, this.#walk) === 0, (list) => list.skip());
  }

  /** Moves lists on while the first run matches. */
  #advance(matches: (head: Position) => boolean, move: (list: PostingList) => void): void {
    for (;;) {
      const list = this.#heap[0];
      if (!list?.head || !matches(list.head)) return;
      move(list);
      if (list.head) this.#sink(list);
      else {
        if (list.head === undefined) this.#unread.push(list);
        const last = this.#heap.pop();
        if (last && last !== list) this.#sink(last);
      }
    }
  }

  #isBefore(a: PostingList, b: PostingList): boolean {
    return compare(a.head!, b.head!, this.#walk) < 0;
  }

  #push(list: PostingList): void {
    const heap = this.#heap;
    let at = heap.length;
    while (at > 0) {
      const above = (at - 1) >> 1;
      if (!this.#isBefore(list, heap[above]!)) break;
      heap[at] = heap[above]!;
      at = above;
    }
    heap[at] = list;
  }

  /** Puts a list in place of the root, and restores the order. */
  #sink(list: PostingList): void {
    const heap = this.#heap;
    let at = 0;
    for (;;) {
      let below = 2 * at + 1;
      if (below >= heap.length) break;
      if (below + 1 < heap.length && this.#isBefore(heap[below + 1]!, heap[below]!)) below++;
      if (!this.#isBefore(heap[below]!, list)) break;
      heap[at] = heap[below]!;
      at = below;
    }
    heap[at] = list;
  }
}
