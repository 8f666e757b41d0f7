/** A store with runs, an indexer and a search. */
import { Keyring } from "../../lib/accounts/keyring.ts";
import { Committer } from "../../lib/store/committer.ts";
import type { Timers } from "../../lib/base/timers.ts";
import { createLog } from "../../lib/base/log.ts";
import { writeParts } from "../../lib/store/parts.ts";
import type { TaskRunInput } from "../../lib/parallel/types.ts";
import { storeRun } from "../../lib/runs/life/create.ts";
import { type Head, headKey, readHead } from "../../lib/runs/log/head.ts";
import { changeHistory, readSummary } from "../../lib/runs/history/mod.ts";
import { NO_FILTER } from "../../lib/runs/history/page.ts";
import { Indexer } from "../../lib/runs/search/indexer.ts";
import { searchHistory } from "../../lib/runs/search/search.ts";
import type { BatchPlace, SearchPage } from "../../lib/runs/model/model.ts";
import { writeOutput } from "../../lib/runs/log/trace.ts";

/** A store with runs in it and an indexer. */
export class Store {
  readonly committer: Committer;
  readonly indexer: Indexer;
  readonly lines: string[] = [];
  #keyring = Keyring.from(["s".repeat(32)]);
  #clock = 1000;
  now = 1000;

  constructor(readonly kv: Deno.Kv, timers?: Timers) {
    this.committer = new Committer(kv);
    const log = createLog({
      level: "debug",
      format: "text",
      write: (line) => void this.lines.push(line),
    });
    this.indexer = new Indexer({ kv, committer: this.committer, now: () => this.now, log, timers });
  }

  async add(
    input: string | Record<string, unknown>,
    more: Partial<TaskRunInput> = {},
    account = "a",
    batch?: BatchPlace,
  ): Promise<string> {
    const keyring = await this.#keyring;
    const run_id = `trun_${++this.#clock}`;
    const task = {
      run_id,
      interaction_id: run_id,
      status: "queued" as const,
      is_active: true,
      processor: more.processor ?? "lite",
      created_at: new Date(this.#clock).toISOString(),
      modified_at: null,
    };
    await storeRun(
      { committer: this.committer, keyring, now: () => this.#clock },
      { id: account, sealedKey: await keyring.seal("key") },
      {
        task,
        input: { input, processor: "lite", ...more },
        source: "form",
        simulated: true,
        batch,
      },
    );
    return run_id;
  }

  /** The run ends with a result. */
  async finish(runId: string, content: unknown): Promise<void> {
    await this.finishAs(runId, JSON.stringify({ type: "text", content, basis: [] }));
  }

  /** The run ends with a stored result of this very text. */
  async finishAs(runId: string, output: string): Promise<void> {
    const { head, versionstamp } = (await readHead(this.kv, runId))!;
    const ref = await writeOutput(this.committer, runId, 1, output);
    const before = (await readSummary(this.kv, head.members[0]!, head.created_ms, runId))!;
    const after = { ...before, status: "completed", ended_ms: head.created_ms + 1 };
    const next: Head = { ...head, status: "completed", ended: true, output: ref };
    await this.committer.commit({
      checks: [{ key: headKey(runId), versionstamp }],
      mutations: [
        { type: "set", key: headKey(runId), value: next },
        ...changeHistory(head.members[0]!, before, after, { nowMs: 0 }).mutations,
      ],
    });
  }

  /** Puts another request into a run's record, as bytes that were not validated. */
  async replaceInput(runId: string, record: object, json: string): Promise<void> {
    const bytes = new TextEncoder().encode(json);
    const input = bytes.byteLength < 50_000
      ? bytes
      : await writeParts(this.committer, ["run", runId, "input"], bytes);
    await this.kv.set(["run", runId], { ...record, input });
  }

  async index(): Promise<void> {
    this.indexer.wake();
    await this.indexer.settled();
  }

  async search(
    query: string,
    options: Partial<Parameters<typeof searchHistory>[2]> = {},
  ): Promise<SearchPage> {
    const all = { query, cursor: null, limit: 25, filter: NO_FILTER, ...options };
    return await searchHistory(this.kv, "a", all);
  }

  async ids(query: string, options?: Parameters<Store["search"]>[1]): Promise<string[]> {
    return (await this.search(query, options)).runs.map(({ run_id }) => run_id);
  }
}

/** With `timers`, the indexer waits by these. */
export async function withStore(
  test: (store: Store) => Promise<void>,
  timers?: Timers,
): Promise<void> {
  const kv = await Deno.openKv(":memory:");
  const store = new Store(kv, timers);
  try {
    await test(store);
  } finally {
    await store.indexer.drain();
    kv.close();
  }
}
