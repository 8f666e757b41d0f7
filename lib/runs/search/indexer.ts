/**
 * Keeps the search terms of runs up to date with their texts. The commit that outdates terms writes a
 * mark, and the commit that updates them deletes it. So a crash in between leaves no run unfindable, and
 * no removed run findable. Every commit checks the mark: deleting or replacing it stops all other work
 * on that run.
 */
import type { Committer } from "../../store/mod.ts";
import { type Log, pause, reasonOf, type Timers } from "../../base/mod.ts";
import { unsearchableKey } from "../history/mod.ts";
import { isLarge, readIndexed } from "./indexed.ts";
import { createdMsOf, type Job, type Mark, reindex } from "./reindex.ts";

/** The dependencies of the indexer. */
export interface IndexerContext {
  readonly kv: Deno.Kv;
  readonly committer: Committer;
  readonly now: () => number;
  readonly log: Log;
  readonly timers?: Timers | undefined;
}

/** A run that could not be indexed: skipped until it changes. */
export interface Unsearchable {
  readonly failed_ms: number;
  readonly reason: string;
}

/**
 * Tries before a run is skipped, and the wait before the second one (ms). Each later wait is ten times
 * longer.
 */
const TRIES = 3;
const RETRY_MS = 60_000;
/** How many marks to read at once, and how many runs to index at once: their commits are grouped. */
const [MARKS, AT_ONCE] = [48, 16];
/** More marks than this mean that many runs are changing, such as the rows of a batch. */
const FEW = 8;
/** The time without a change before many runs are indexed (ms), and the most such waits. */
const [QUIET_MS, QUIET_WAITS] = [500, 10];

/** Indexes runs' texts. One per process. */
export class Indexer {
  readonly #context: IndexerContext;
  #running: Promise<void> | null = null;
  #again = false;
  readonly #close = new AbortController();
  /** The last of the large runs: the next one waits for it. */
  #large: Promise<unknown> = Promise.resolve();

  constructor(context: IndexerContext) {
    this.#context = context;
  }

  /** Call when there may be marks: processes all of them. */
  wake(): void {
    if (this.#isClosed) return;
    this.#again = true;
    this.#running ??= this.#run().finally(() => {
      this.#running = null;
      if (this.#again) this.wake();
    });
  }

  /** Resolves when every current mark has been processed. */
  async settled(): Promise<void> {
    while (this.#running !== null) await this.#running;
  }

  /** Finishes the current run. The marks stay for the next start. */
  async drain(): Promise<void> {
    this.#close.abort();
    this.#again = false;
    await this.settled();
  }

  get #isClosed(): boolean {
    return this.#close.signal.aborted;
  }

  /**
   * Waits while many runs change, so that their commits go first. Most of them change again and are indexed only once.
   */
  async #quiet(): Promise<void> {
    const { kv, timers } = this.#context;
    const marks = await Array.fromAsync(kv.list({ prefix: ["unindexed"] }, { limit: FEW + 1 }));
    if (marks.length <= FEW) return;
    for (let waits = 0; waits < QUIET_WAITS; waits++) {
      this.#again = false;
      // Aborted when the indexer closes.
      await pause(QUIET_MS, this.#close.signal, timers).catch(() => {});
      if (!this.#again || this.#isClosed) return;
    }
  }

  async #run(): Promise<void> {
    const { kv, log } = this.#context;
    while (this.#again) {
      this.#again = false;
      try {
        await this.#quiet();
        let start: Deno.KvKey = ["unindexed"];
        for (let more = true; more && !this.#isClosed;) {
          const selector = { start, end: ["unindexed\0"] };
          const marks = await Array.fromAsync(kv.list<Mark>(selector, { limit: MARKS }));
          more = marks.length === MARKS;
          for (let from = 0; from < marks.length; from += AT_ONCE) {
            if (this.#isClosed) return;
            const some = marks.slice(from, from + AT_ONCE);
            const tries = await Promise.allSettled(some.map((mark) => this.#index(mark)));
            for (const tried of tries) if (tried.status === "rejected") throw tried.reason;
            start = [...some.at(-1)!.key, ""];
          }
        }
      } catch (error) {
        // The marks remain, and the sweep wakes the indexer every minute.
        log("error", "indexing failed", { reason: reasonOf(error) });
      }
    }
  }

  async #index(mark: Deno.KvEntry<Mark>): Promise<void> {
    const { kv, committer, now } = this.#context;
    const [, account, runId] = mark.key;
    if (typeof account !== "string" || typeof runId !== "string") return;
    if (typeof mark.value !== "number" && mark.value.retry_ms > now()) return;
    const job: Job = { account, runId, createdMs: createdMsOf(mark.value), checks: [mark] };
    const index = async () => {
      for (let isSame = true; isSame;) {
        try {
          const found = await readIndexed(kv, job);
          if (await reindex(kv, committer, job, found, now())) return;
        } catch (error) {
          return await this.#failed(mark, { runId, account, reason: reasonOf(error) });
        }
        // With the same mark, only the account's packs changed: try again.
        isSame = (await kv.get(mark.key)).versionstamp === mark.versionstamp && !this.#isClosed;
      }
    };
    if (!await isLarge(kv, runId)) return await index();
    const indexed = this.#large.then(index);
    this.#large = indexed.catch(() => {});
    await indexed;
  }

  /** A run that cannot be read or written must not block others, nor be retried for ever. */
  async #failed(
    mark: Deno.KvEntry<Mark>,
    { account, runId, reason }: { account: string; runId: string; reason: string },
  ): Promise<void> {
    const { committer, now, log } = this.#context;
    const created_ms = createdMsOf(mark.value);
    const failures = 1 + (typeof mark.value === "number" ? 0 : mark.value.failures);
    const isLast = failures >= TRIES;
    const next: Mark = {
      created_ms,
      failures,
      retry_ms: now() + RETRY_MS * 10 ** (failures - 1),
    };
    const aside: Unsearchable = { failed_ms: now(), reason };
    const result = await committer.commit({
      checks: [mark],
      mutations: isLast
        ? [
          { type: "delete", key: mark.key },
          { type: "set", key: unsearchableKey(account, runId), value: aside },
        ]
        : [{ type: "set", key: mark.key, value: next }],
    });
    if (!result.ok) return;
    if (isLast) log("error", "a run cannot be searched and was set aside", { run: runId, reason });
    else log("warn", "a run could not be indexed", { run: runId, reason, failures });
  }
}
