/** All accounts' histories: list, search, count, and stream changes. */
import type { Weigh } from "../../limits/mod.ts";
import {
  type Figures,
  type HistoryPage,
  isRunId,
  type RunPage,
  type RunSummary,
  type SearchPage,
  type Unsearched,
} from "../model/mod.ts";
import { readResult } from "./page.ts";
import { readTombstone, UNDO_MS } from "./removal.ts";
import {
  Budgets,
  countLines,
  countListed,
  dayOf,
  type HistoryFilter,
  NO_FILTER,
  type PageOptions,
  type Position,
  readFigures,
  readHistory,
  readPurging,
  readSummaries,
} from "../history/mod.ts";
import { ListStreams, type StreamsContext } from "../stream/mod.ts";
import { Indexer, type IndexerContext, Packer, searchHistory } from "../search/mod.ts";

/** The dependencies of histories. */
export interface HistoriesContext extends StreamsContext, IndexerContext {}

/** Selects a page and its filters. */
export interface ListOptions extends PageOptions {
  /** Words to search for. `null` lists without a search. */
  readonly query?: string | null;
  /** Only runs that ask for these fields: the `schema` of a line. */
  readonly schema?: string | null;
}

/** The lines of a list, without batches. */
export interface LineCounts {
  readonly byStatus: ReadonlyMap<string, number>;
  /** Created today (UTC), counted up to {@linkcode MAX_COUNTED}. */
  readonly today: number;
}

const PAGE_SIZE = 25;
const DAY_MS = 86_400_000;

/** The limit of {@linkcode Histories.unsearched}'s counts: a page then says "100 or more". */
export const MAX_COUNTED = 100;

/** Accounts' histories. One per process. */
export class Histories {
  readonly streams: ListStreams;
  readonly indexer: Indexer;
  readonly packer: Packer;
  readonly budgets: Budgets;
  readonly #context: HistoriesContext;
  /** Hides runs created from this time on (Unix ms). */
  readonly #beforeMs: number | null;

  constructor(context: HistoriesContext, whole?: Histories, beforeMs: number | null = null) {
    this.#context = context;
    this.#beforeMs = beforeMs;
    this.streams = whole?.streams ?? new ListStreams(context);
    this.indexer = whole?.indexer ?? new Indexer(context);
    this.packer = whole?.packer ?? new Packer(context);
    this.budgets = whole?.budgets ?? new Budgets(context.kv, context.committer, context.now);
  }

  /**
   * Returns the same histories without runs created from a time on (Unix ms). Figures end the day
   * before.
   */
  before(ms: number): Histories {
    return new Histories(this.#context, this, ms);
  }

  /** Returns a page of an account's runs, newest first, limited to matches if there is a query. */
  async list(account: string, options: ListOptions = {}): Promise<HistoryPage | SearchPage> {
    const { query = null, schema = null, cursor = null, limit = PAGE_SIZE, rows = false } = options;
    const filter = this.#narrowed(options.filter ?? NO_FILTER);
    const { kv } = this.#context;
    if (query === null && schema === null) {
      return await readHistory(kv, account, { cursor, limit, filter, rows });
    }
    const onLong = () => this.packer.want(account);
    const search = { query: query ?? "", schema, cursor, limit, filter, onLong };
    return await searchHistory(kv, account, search);
  }

  /** Counts the lines of the account's list. */
  async lineCounts(account: string): Promise<LineCounts> {
    const { kv, now } = this.#context;
    const from_ms = dayOf(now());
    const [byStatus, today] = await Promise.all([
      countListed(kv, account),
      countLines(kv, account, this.#narrowed({ ...NO_FILTER, from_ms }), MAX_COUNTED),
    ]);
    return { byStatus, today };
  }

  /** Returns the account's totals for today, the last 7 and the last 30 days. */
  figures(account: string): Promise<Figures> {
    const { kv, now } = this.#context;
    return readFigures(kv, account, this.#beforeMs === null ? now() : this.#beforeMs - DAY_MS);
  }

  /** Returns an account's lines for runs. Skips runs that it does not have. */
  async summaries(account: string, runs: readonly Position[]): Promise<RunSummary[]> {
    const found = await readSummaries(this.#context.kv, account, runs);
    return found.filter((run) => run !== null)
      .filter(({ created_ms }) => created_ms < (this.#beforeMs ?? Infinity));
  }

  /** Returns a run's request and result without its trace, or `null` if the account does not have it. */
  async result(
    account: string,
    runId: string,
    weigh?: Weigh,
  ): Promise<Pick<RunPage, "run" | "output"> | null> {
    if (!isRunId(runId)) return null;
    const result = await readResult(this.#context.kv, account, runId, weigh);
    return result === null || result.run.created_ms >= (this.#beforeMs ?? Infinity) ? null : result;
  }

  /** Returns which of the runs the account deleted and can still restore. */
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

  /** Returns the runs that a search of the account's history cannot find right now. */
  async unsearched(account: string): Promise<Unsearched> {
    const { kv } = this.#context;
    const count = async (name: string) =>
      (await Array.fromAsync(kv.list({ prefix: [name, account] }, { limit: MAX_COUNTED }))).length;
    const [waiting, aside] = await Promise.all([count("unindexed"), count("unsearchable")]);
    return { waiting, aside };
  }

  /** Returns the number of runs the account has deleted that are not purged yet. */
  purging(account: string): Promise<number> {
    return readPurging(this.#context.kv, account);
  }

  #narrowed(filter: HistoryFilter): HistoryFilter {
    if (this.#beforeMs === null) return filter;
    return { ...filter, to_ms: Math.min(filter.to_ms ?? Infinity, this.#beforeMs) };
  }

  /** Handles keys that this process has just written: wakes lists and indexes new texts. */
  written(mutations: readonly Deno.KvMutation[]): void {
    for (const { key, type } of mutations) {
      const [name, account] = key;
      if (name === "changes" && typeof account === "string") this.streams.wake(account);
      if (name === "unindexed" && type === "set") this.indexer.wake();
    }
  }

  /** Ends every stream and finishes the indexing in progress. */
  async drain(): Promise<void> {
    this.streams.drain();
    await this.packer.drain();
    await this.indexer.drain();
  }
}
