/** What an account means to spend in a calendar month (UTC). This module owns `["budget", account]`. */
import type { Committer } from "../../store/mod.ts";
import type { BudgetState } from "../model/mod.ts";
import { readCounters, sumUp } from "./figures.ts";

/** Largest budget that may be set (US dollars). */
export const MAX_BUDGET_USD = 1_000_000;

const MICRO = 1_000_000;

/** Budgets of accounts. */
export class Budgets {
  readonly #kv: Deno.Kv;
  readonly #committer: Committer;
  readonly #now: () => number;

  constructor(kv: Deno.Kv, committer: Committer, now: () => number) {
    this.#kv = kv;
    this.#committer = committer;
    this.#now = now;
  }

  /** Sets what the account means to spend a month (US dollars); `null` takes the budget away. */
  async set(account: string, usd: number | null): Promise<void> {
    const key = ["budget", account];
    await this.#committer.commit({
      mutations: [usd === null ? { type: "delete", key } : { type: "set", key, value: { usd } }],
    });
  }

  /** The budget and what this month has taken of it; `null` where none is set. */
  async state(account: string): Promise<BudgetState | null> {
    const { value } = await this.#kv.get<{ readonly usd: number }>(["budget", account]);
    if (value === null) return null;
    const now = new Date(this.#now());
    const month = Date.UTC(now.getUTCFullYear(), now.getUTCMonth());
    const [counters, open] = await Promise.all([
      readCounters(this.#kv, account, month),
      this.#open(account),
    ]);
    const { spent_usd, deleted_usd, unpriced } = sumUp(counters);
    return { budget_usd: value.usd, spent_usd: spent_usd + deleted_usd, open_usd: open, unpriced };
  }

  /**
   * The budget's state where a run at this price would pass it, with runs under way counted as if they
   * will complete; else `null`. A run whose price is not known passes nothing that anybody could tell.
   */
  async check(account: string, priceUsd: number | null): Promise<BudgetState | null> {
    const state = await this.state(account);
    if (state === null || priceUsd === null) return null;
    // In millionths: sums of fractions of a cent are not exact.
    const micro = (usd: number) => Math.round(usd * MICRO);
    const after = micro(state.spent_usd) + micro(state.open_usd) + micro(priceUsd);
    return after > micro(state.budget_usd) ? state : null;
  }

  /** What runs under way will cost (US dollars). */
  async #open(account: string): Promise<number> {
    let micro = 0n;
    const prefix = ["spend", account, 0, "open"];
    for await (const { value } of this.#kv.list<Deno.KvU64>({ prefix })) micro += value.value;
    return Number(micro) / MICRO;
  }
}
