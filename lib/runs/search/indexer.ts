/**
 * Keeps the terms of runs true to their texts. A mark is written in the commit that makes them untrue
 * and deleted in the one that makes them true again, so that no crash between leaves a run that cannot
 * be found, or one that was removed and still can. Every commit checks the mark: whoever deletes or
 * replaces it ends the work of everybody else on that run.
 */
import type { Committer } from "../../store/mod.ts";
import { type Log, reasonOf } from "../../base/mod.ts";
import { readHead, readOutput, readRecord } from "../log/mod.ts";
import {
  readMember,
  readSummary,
  termPrefix,
  textKey,
  unindexedKey,
  unsearchableKey,
} from "../history/mod.ts";
import { readTerms, termsMutations } from "./terms.ts";
import { contentOf, type SearchText, searchText } from "./text.ts";
import { indexTerms } from "./tokens.ts";

/** What indexing needs of the world. */
export interface IndexerContext {
  readonly kv: Deno.Kv;
  readonly committer: Committer;
  readonly now: () => number;
  readonly log: Log;
}

/** The value of a mark: when the run was created (Unix ms), and what came of earlier tries. */
export type Mark = number | {
  readonly created_ms: number;
  readonly failures: number;
  /** Not to be tried again before (Unix ms). */
  readonly retry_ms: number;
};

/** A run whose text could not be read for searching: set aside until something of it changes. */
export interface Unsearchable {
  readonly failed_ms: number;
  readonly reason: string;
}

/** Tries before a run is set aside, and the wait before the second one (ms), ten times that for the next. */
const TRIES = 3;
const RETRY_MS = 60_000;
/** Terms of one commit: KV takes 1,000 writes. */
const BATCH = 400;
/** Lists of terms of one commit, 30 KB each. */
const LISTS = 15;
/** Marks read at once. */
const MARKS = 50;

/** Indexes runs' texts, one at a time. One per process. */
export class Indexer {
  readonly #context: IndexerContext;
  #running: Promise<void> | null = null;
  #again = false;
  #closed = false;

  constructor(context: IndexerContext) {
    this.#context = context;
  }

  /** There may be marks: works through all that there are. */
  wake(): void {
    if (this.#closed) return;
    this.#again = true;
    this.#running ??= this.#run().finally(() => {
      this.#running = null;
      if (this.#again) this.wake();
    });
  }

  /** Resolves when every mark that there was has been seen to. */
  async settled(): Promise<void> {
    while (this.#running !== null) await this.#running;
  }

  /** Finishes the run it is at; the marks stay for the next start. */
  async drain(): Promise<void> {
    this.#closed = true;
    this.#again = false;
    await this.settled();
  }

  async #run(): Promise<void> {
    const { kv, log } = this.#context;
    while (this.#again) {
      this.#again = false;
      try {
        let start: Deno.KvKey = ["unindexed"];
        for (let more = true; more && !this.#closed;) {
          const selector = { start, end: ["unindexed\0"] };
          const marks = await Array.fromAsync(kv.list<Mark>(selector, { limit: MARKS }));
          more = marks.length === MARKS;
          for (const mark of marks) {
            if (this.#closed) return;
            await this.#index(mark);
            start = [...mark.key, ""];
          }
        }
      } catch (error) {
        // The marks are still there, and so is the minute's wake.
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
    let text: SearchText | null;
    try {
      text = await readText(kv, job);
    } catch (error) {
      return await this.#failed(mark, { runId, account, reason: reasonOf(error) });
    }
    await reindex(kv, committer, job, text);
  }

  /** One damaged run must neither keep the others from being found nor be tried for ever. */
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

/**
 * Takes a run that an account no longer has out of the search, whatever an indexer is doing to it at this
 * moment. When it resolves with `true`, no term of the run is left and none will come. `false` where the
 * `fence`, which says that the run is gone, no longer holds: the account has it back.
 */
export async function unindex(
  kv: Deno.Kv,
  committer: Committer,
  run: { readonly account: string; readonly runId: string; readonly createdMs: number },
  fence: Deno.AtomicCheck,
): Promise<boolean> {
  for (;;) {
    const mark = await kv.get<Mark>(unindexedKey(run.account, run.runId));
    if ((await kv.get(fence.key)).versionstamp !== fence.versionstamp) return false;
    // Indexed away already: the mark went with the last term.
    if (mark.value === null && (await readTerms(kv, run.account, run.runId)).keys.length === 0) {
      return true;
    }
    if (await reindex(kv, committer, { ...run, checks: [mark, fence] }, null)) return true;
  }
}

function createdMsOf(mark: Mark): number {
  return typeof mark === "number" ? mark : mark.created_ms;
}

/** Which run of whose history, and what must not change meanwhile: the mark, above all. */
interface Job {
  readonly account: string;
  readonly runId: string;
  readonly createdMs: number;
  readonly checks: readonly Deno.AtomicCheck[];
}

/** Makes the terms those of a text. `false` where the run changed meanwhile: its new mark is seen to next. */
async function reindex(
  kv: Deno.Kv,
  committer: Committer,
  { account, runId, createdMs, checks }: Job,
  text: SearchText | null,
): Promise<boolean> {
  const had = await readTerms(kv, account, runId);
  const has = text === null ? [] : indexTerms([text.input, text.metadata, text.result]);
  const hasSet = new Set(has);
  const key = (term: string) => [...termPrefix(account, term), createdMs, runId];
  const terms: Deno.KvMutation[] = [
    ...[...had.terms].filter((term) => !hasSet.has(term)).map((term) =>
      ({ type: "delete", key: key(term) }) as const
    ),
    ...has.filter((term) => !had.terms.has(term)).map((term) =>
      ({ type: "set", key: key(term), value: null }) as const
    ),
  ];
  const lists = termsMutations(account, runId, had.next, has);
  const rest: Deno.KvMutation[] = [
    ...had.keys.map((key) => ({ type: "delete", key }) as const),
    text === null
      ? { type: "delete", key: textKey(account, runId) }
      : { type: "set", key: textKey(account, runId), value: text },
    { type: "delete", key: unsearchableKey(account, runId) },
    { type: "delete", key: unindexedKey(account, runId) },
  ];
  const commit = async (mutations: readonly Deno.KvMutation[]) =>
    (await committer.commit({ checks, mutations })).ok;
  // What is about to be written is listed first: whoever goes on after a crash can take it away.
  const large = lists.length > 1 || terms.length > BATCH;
  while (large && lists.length > 0) {
    const some = lists.splice(0, LISTS);
    if (!await commit(some)) return false;
  }
  while (terms.length > BATCH) {
    if (!await commit(terms.splice(0, BATCH))) return false;
  }
  return await commit([...lists, ...terms, ...rest]);
}

/** The text of a run as far as it goes, or `null` where the account does not have it (any more). */
async function readText(
  kv: Deno.Kv,
  { account, runId, createdMs }: Job,
): Promise<SearchText | null> {
  if (await readSummary(kv, account, createdMs, runId) === null) return null;
  const [record, found, member] = await Promise.all([
    readRecord(kv, runId),
    readHead(kv, runId),
    readMember(kv, account, runId),
  ]);
  if (record === null) return null;
  const { input, metadata } = record.input;
  const ref = found?.head.output ?? null;
  const result = ref === null ? null : contentOf(await readOutput(kv, runId, ref));
  // What a list calls the run has to find it: a run of a file may have another name than its input gives.
  const title = member?.title ?? null;
  return searchText({ input: title === null ? input : [title, input], metadata, result });
}
