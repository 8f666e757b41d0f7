/**
 * The amount an account plans to spend per calendar month (UTC). This module owns `["budget", account]`.
 */
import type { Committer } from "../../store/mod.ts";
import type { BudgetState } from "../model/mod.ts";
import { readCounters, sumUp } from "./figures.ts";

/** The largest budget that can be set (US dollars). */
export const MAX_BUDGET_USD = 1_000_000;

const MICRO = 1_000_000;

/** Accounts' budgets. */
export class Budgets {
  readonly #kv: Deno.Kv;
  readonly #committer: Committer;
  readonly #now: () => number;

  constructor(kv: Deno.Kv, committer: Committer, now: () => number) {
    this.#kv = kv;
    this.#committer = committer;
    this.#now = now;
  }

  /** Sets the account's monthly budget (US dollars). `null` removes it. */
  async set(account: string, usd: number | null): Promise<void> {
    const key = ["budget", account];
    await this.#committer.commit({
      mutations: [usd === null ? { type: "delete", key } : { type: "set", key, value: { usd } }],
    });
  }

  /** Returns the budget and how much of it is used this month, or `null` if none is set. */
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
   * Returns the budget's state if a run at this price would exceed it, else `null`. Active runs count as
   * if they will complete. A run with an unknown price never exceeds the budget.
   */
  async check(account: string, priceUsd: number | null): Promise<BudgetState | null> {
    const state = await this.state(account);
    if (state === null || priceUsd === null) return null;
    // Sum in millionths of a dollar: sums of fractions of a cent are inexact.
    const micro = (usd: number) => Math.round(usd * MICRO);
    const after = micro(state.spent_usd) + micro(state.open_usd) + micro(priceUsd);
    return after > micro(state.budget_usd) ? state : null;
  }

  /** Returns the expected cost of active runs (US dollars). */
  async #open(account: string): Promise<number> {
    let micro = 0n;
    const prefix = ["spend", account, 0, "open"];
    for await (const { value } of this.#kv.list<Deno.KvU64>({ prefix })) micro += value.value;
    return Number(micro) / MICRO;
  }
}
