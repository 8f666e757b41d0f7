/** Reads what is stored of accounts' runs. */
import type { Weigh } from "../../limits/mod.ts";
import { countRuns, type PageOptions, readHistory, readMember } from "../history/mod.ts";
import { isRunId } from "../model/mod.ts";
import type { HistoryPage, RunPage, RunRequest, TracedPage } from "../model/mod.ts";
import {
  readBasics,
  readPage,
  readRequest,
  readResult,
  readTraced,
  type RunBasics,
  type TraceReading,
} from "./page.ts";

/** Shows and lists accounts' runs. */
export class StoredRuns {
  readonly #kv: Deno.Kv;

  constructor(kv: Deno.Kv) {
    this.#kv = kv;
  }

  /** Returns everything a run's page shows, or `null` if the account does not have the run. */
  async page(account: string, runId: string, weigh?: Weigh): Promise<RunPage | null> {
    return isRunId(runId) ? await readPage(this.#kv, account, runId, weigh) : null;
  }

  /** Returns a run's request and result without its trace, or `null` as with `page`. */
  async result(account: string, runId: string): Promise<Pick<RunPage, "run" | "output"> | null> {
    return isRunId(runId) ? await readResult(this.#kv, account, runId) : null;
  }

  /** Returns a run's request and progress without its trace, or `null` as with `page`. */
  async request(account: string, runId: string, weigh?: Weigh): Promise<RunRequest | null> {
    return isRunId(runId) ? await readRequest(this.#kv, account, runId, weigh) : null;
  }

  /** Returns what is known of a run without reading its request, or `null` as with `page`. */
  async basics(account: string, runId: string): Promise<RunBasics | null> {
    return isRunId(runId) ? await readBasics(this.#kv, account, runId) : null;
  }

  /** Returns a run's page with a part of its trace, or `null` as with `page`. */
  async traced(account: string, runId: string, read: TraceReading): Promise<TracedPage | null> {
    return isRunId(runId) ? await readTraced(this.#kv, account, runId, read) : null;
  }

  /** Returns whether the account has the run. */
  async has(account: string, runId: string): Promise<boolean> {
    return isRunId(runId) && await readMember(this.#kv, account, runId) !== null;
  }

  /** Returns a page of the account's history, newest first. */
  list(account: string, options: Omit<PageOptions, "filter"> = {}): Promise<HistoryPage> {
    return readHistory(this.#kv, account, options);
  }

  /** Returns the number of the account's runs. */
  count(account: string): Promise<number> {
    return countRuns(this.#kv, account);
  }
}
