/** An account's runs, for a session whose key is no longer accepted. */
import type { Weigh } from "../../limits/mod.ts";
import { NO_FILTER, type PageOptions, readHistory, runsBefore } from "../history/mod.ts";
import type { HistoryPage, RunPage, RunRequest, TracedPage } from "../model/mod.ts";
import type { StreamOutcome } from "../stream/mod.ts";
import { Runs, type RunsContext } from "./runs.ts";
import type { RunBasics, TraceReading } from "./page.ts";

/** Gives access to runs created before a time: they can be read and deleted. Later runs are hidden. */
export class RunsBefore extends Runs {
  readonly #kv: Deno.Kv;
  readonly #beforeMs: number;

  constructor(context: RunsContext, beforeMs: number) {
    super(context);
    this.#kv = context.kv;
    this.#beforeMs = beforeMs;
  }

  override async page(account: string, runId: string, weigh?: Weigh): Promise<RunPage | null> {
    const page = await super.page(account, runId, weigh);
    return page !== null && page.run.created_ms < this.#beforeMs ? page : null;
  }

  override async request(
    account: string,
    runId: string,
    weigh?: Weigh,
  ): Promise<RunRequest | null> {
    const request = await super.request(account, runId, weigh);
    return request !== null && request.run.created_ms < this.#beforeMs ? request : null;
  }

  override async basics(account: string, runId: string): Promise<RunBasics | null> {
    const basics = await super.basics(account, runId);
    return basics !== null && basics.created_ms < this.#beforeMs ? basics : null;
  }

  override async traced(
    account: string,
    runId: string,
    reading: TraceReading,
  ): Promise<TracedPage | null> {
    const page = await super.traced(account, runId, reading);
    return page !== null && page.run.created_ms < this.#beforeMs ? page : null;
  }

  override adopt(): Promise<boolean> {
    return Promise.resolve(false);
  }

  override async has(account: string, runId: string): Promise<boolean> {
    return await this.basics(account, runId) !== null;
  }

  override list(
    account: string,
    options: Omit<PageOptions, "filter"> = {},
  ): Promise<HistoryPage> {
    const filter = { ...NO_FILTER, to_ms: this.#beforeMs };
    return readHistory(this.#kv, account, { ...options, filter });
  }

  override async count(account: string): Promise<number> {
    let count = 0;
    for await (const _ of runsBefore(this.#kv, account, this.#beforeMs)) count++;
    return count;
  }

  override async stream(account: string, runId: string, after: number): Promise<StreamOutcome> {
    const visible = await this.has(account, runId);
    return visible ? await super.stream(account, runId, after) : { status: "unknown" };
  }

  override async remove(account: string, runId: string): Promise<boolean> {
    return await this.has(account, runId) && await super.remove(account, runId);
  }
}
