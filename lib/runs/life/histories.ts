/** Every account's history: listed, searched, counted, and streamed as it changes. */
import type { Figures, HistoryPage, RunSummary, SearchPage, Unsearched } from "../model/mod.ts";
import { readTombstone, UNDO_MS } from "./removal.ts";
import {
  Budgets,
  type HistoryFilter,
  NO_FILTER,
  type PageOptions,
  type Position,
  readFigures,
  readHistory,
  readPurging,
  readSummaries,
} from "../history/mod.ts";
import { Feed, type FeedContext } from "../stream/mod.ts";
import { Indexer, type IndexerContext, searchHistory } from "../search/mod.ts";

/** What histories need of the world. */
export interface HistoriesContext extends FeedContext, IndexerContext {}

/** Which page, and what it is narrowed down to. */
export interface ListOptions extends PageOptions {
  /** Words to search for; `null`: a plain list. */
  readonly query?: string | null;
}

const PAGE_SIZE = 25;
const DAY_MS = 86_400_000;

/** Runs that {@linkcode Histories.unsearched} counts up to: a page says "100 or more". */
const MOST_COUNTED = 100;

/** Accounts' histories. One per process. */
export class Histories {
  readonly feed: Feed;
  readonly indexer: Indexer;
  readonly budgets: Budgets;
  readonly #context: HistoriesContext;
  /** Runs created from this time on are not there (Unix ms). */
  readonly #beforeMs: number | null;

  constructor(context: HistoriesContext, whole?: Histories, beforeMs: number | null = null) {
    this.#context = context;
    this.#beforeMs = beforeMs;
    this.feed = whole?.feed ?? new Feed(context);
    this.indexer = whole?.indexer ?? new Indexer(context);
    this.budgets = whole?.budgets ?? new Budgets(context.kv, context.committer, context.now);
  }

  /** The same histories without what was created from a time on (Unix ms); figures end the day before. */
  before(ms: number): Histories {
    return new Histories(this.#context, this, ms);
  }

  /** A page of an account's runs, newest first; of those that a query finds, where there is one. */
  async list(account: string, options: ListOptions = {}): Promise<HistoryPage | SearchPage> {
    const { query = null, cursor = null, limit = PAGE_SIZE } = options;
    const filter = this.#narrowed(options.filter ?? NO_FILTER);
    const { kv } = this.#context;
    return query === null
      ? await readHistory(kv, account, { cursor, limit, filter })
      : await searchHistory(kv, account, { query, cursor, limit, filter });
  }

  /** What the account's runs came to: today, in the last 7 and the last 30 days. */
  figures(account: string): Promise<Figures> {
    const { kv, now } = this.#context;
    return readFigures(kv, account, this.#beforeMs === null ? now() : this.#beforeMs - DAY_MS);
  }

  /** An account's lines for runs; those that it does not have are left out. */
  async summaries(account: string, runs: readonly Position[]): Promise<RunSummary[]> {
    const found = await readSummaries(this.#context.kv, account, runs);
    return found.filter((run) => run !== null)
      .filter(({ created_ms }) => created_ms < (this.#beforeMs ?? Infinity));
  }

  /** Those of the runs that the account deleted and can still bring back. */
  async deleted(
    account: string,
    runIds: readonly string[],
  ): Promise<{ readonly run_id: string; readonly title: string }[]> {
    const { kv, now } = this.#context;
    const tombstones = await Promise.all(runIds.map((id) => readTombstone(kv, account, id)));
    return tombstones.flatMap((tombstone, index) => {
      const isLate = tombstone === null || tombstone.deleted_ms + UNDO_MS < now();
      if (isLate || tombstone.undo === null || tombstone.retired) return [];
      return [{ run_id: runIds[index]!, title: tombstone.undo.summary.title }];
    });
  }

  /** What a search of the account's history cannot find, at this moment. */
  async unsearched(account: string): Promise<Unsearched> {
    const { kv } = this.#context;
    const count = async (name: string) =>
      (await Array.fromAsync(kv.list({ prefix: [name, account] }, { limit: MOST_COUNTED }))).length;
    const [waiting, aside] = await Promise.all([count("unindexed"), count("unsearchable")]);
    return { waiting, aside };
  }

  /** How many runs the account has deleted that are not removed for good yet. */
  purging(account: string): Promise<number> {
    return readPurging(this.#context.kv, account);
  }

  #narrowed(filter: HistoryFilter): HistoryFilter {
    if (this.#beforeMs === null) return filter;
    return { ...filter, to_ms: Math.min(filter.to_ms ?? Infinity, this.#beforeMs) };
  }

  /** What this process has just written: lists learn of it, and new texts are indexed. */
  written(mutations: readonly Deno.KvMutation[]): void {
    for (const { key, type } of mutations) {
      const [name, account] = key;
      if (name === "changes" && typeof account === "string") this.feed.wake(account);
      if (name === "unindexed" && type === "set") this.indexer.wake();
    }
  }

  /** Ends every stream and finishes what is being indexed. */
  async drain(): Promise<void> {
    this.feed.drain();
    await this.indexer.drain();
  }
}
