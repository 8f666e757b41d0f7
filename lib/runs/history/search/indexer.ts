/**
 * Keeps the terms of runs true to their texts. A mark is written in the commit that makes them untrue
 * and deleted in the one that makes them true again, so that no crash between leaves a run that cannot
 * be found, or one that was removed and still can.
 */
import type { Committer } from "../../../kv/committer.ts";
import { type Log, reasonOf } from "../../../log.ts";
import { readOutputText } from "../../../parallel/read.ts";
import { readHead } from "../../head.ts";
import { readRecord } from "../../record.ts";
import { readOutput } from "../../trace.ts";
import { termPrefix, termsKey, textKey, unindexedKey } from "../keys.ts";
import { readSummary } from "../page.ts";
import { type SearchText, searchText } from "./text.ts";
import { indexTerms } from "./tokens.ts";

/** What indexing needs of the world. */
export interface IndexerContext {
  readonly kv: Deno.Kv;
  readonly committer: Committer;
  readonly log: Log;
}

/** Terms of one run: a result of 12,000 characters seldom has more different words. */
const MAX_TERMS = 1_000;
/** Terms of one commit: KV takes 1,000 writes. */
const BATCH = 400;
const TERM_BYTES = 200;
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
          const marks = await Array.fromAsync(kv.list<number>(selector, { limit: MARKS }));
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

  async #index(mark: Deno.KvEntry<number>): Promise<void> {
    const { kv, committer, log } = this.#context;
    const [, account, runId] = mark.key;
    if (typeof account !== "string" || typeof runId !== "string") return;
    try {
      await reindex(kv, committer, { account, runId, createdMs: mark.value, mark });
    } catch (error) {
      // One damaged run must not keep the others from being found.
      log("error", "a run could not be indexed", { run: runId, reason: reasonOf(error) });
    }
  }
}

/** Which run of whose history, and the mark that is to go. */
interface Job {
  readonly account: string;
  readonly runId: string;
  readonly createdMs: number;
  readonly mark: Deno.AtomicCheck;
}

async function reindex(kv: Deno.Kv, committer: Committer, job: Job): Promise<void> {
  const { account, runId, createdMs, mark } = job;
  const had = (await kv.get<string[]>(termsKey(account, runId))).value ?? [];
  const text = await readText(kv, job);
  const has = text === null ? [] : indexTerms([text.input, text.metadata, text.result], MAX_TERMS);
  const hadSet = new Set(had), hasSet = new Set(has);
  const key = (term: string) => [...termPrefix(account, term), createdMs, runId];
  const writes: Deno.KvMutation[] = [
    ...had.filter((term) => !hasSet.has(term)).map((term) =>
      ({ type: "delete", key: key(term) }) as const
    ),
    ...has.filter((term) => !hadSet.has(term)).map((term) =>
      ({ type: "set", key: key(term), value: null }) as const
    ),
  ];
  if (writes.length > BATCH) {
    // What is about to be written is listed first: whoever goes on after a crash can take it away.
    const both = [...new Set([...had, ...has])];
    const list: Deno.KvMutation = { type: "set", key: termsKey(account, runId), value: both };
    if (!await commit(committer, mark, [list])) return;
  }
  while (writes.length > BATCH) {
    if (!await commit(committer, mark, writes.splice(0, BATCH))) return;
  }
  await commit(committer, mark, [
    ...writes,
    ...(text === null
      ? [termsKey(account, runId), textKey(account, runId)].map((key) =>
        ({ type: "delete", key }) as const
      )
      : [
        { type: "set", key: termsKey(account, runId), value: has } as const,
        { type: "set", key: textKey(account, runId), value: text } as const,
      ]),
    { type: "delete", key: unindexedKey(account, runId) },
  ]);
}

/** `false` where the run changed meanwhile: its new mark is seen to next. */
async function commit(
  committer: Committer,
  mark: Deno.AtomicCheck,
  mutations: readonly Deno.KvMutation[],
): Promise<boolean> {
  const bytes = mutations.length * TERM_BYTES + 60_000;
  return (await committer.commit({ checks: [mark], mutations, bytes })).ok;
}

/** The text of a run as far as it goes, or `null` where the account does not have it (any more). */
async function readText(
  kv: Deno.Kv,
  { account, runId, createdMs }: Job,
): Promise<SearchText | null> {
  if (await readSummary(kv, account, createdMs, runId) === null) return null;
  const [record, found] = await Promise.all([readRecord(kv, runId), readHead(kv, runId)]);
  if (record === null) return null;
  const ref = found?.head.output ?? null;
  const output = ref === null ? null : readOutputText(await readOutput(kv, runId, ref));
  return searchText(record.input, output);
}
