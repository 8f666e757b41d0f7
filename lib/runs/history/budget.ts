/**
 * The amount an account plans to spend per calendar month (UTC). This module owns `["budget", account]`.
 */
import type { Committer } from "../../store/mod.ts";
import type { BudgetState } from "../model/mod.ts";
import { readCounters, sumUp } from "./figures.ts";

/** The largest budget that can be set (US dollars). */
export const MAX_BUDGET_USD = 1_000_000;

const MICRO = 1_000_000;

/** Sums are in millionths of a dollar: sums of fractions of a cent are inexact. */
const micro = (usd: number) => Math.round(usd * MICRO);

/** Whether a run at this price would exceed the budget. `held`: of creates in progress (millionths). */
function isPassed({ spent_usd, open_usd, budget_usd }: BudgetState, price: number, held: number) {
  return micro(spent_usd) + micro(open_usd) + held + micro(price) > micro(budget_usd);
}

/** Accounts' budgets. */
export class Budgets {
  readonly #kv: Deno.Kv;
  readonly #committer: Committer;
  readonly #now: () => number;
  /** Prices of creates in progress in this process, by account (millionths of a dollar). */
  readonly #held = new Map<string, number>();
  /** Resolves at the next release. A state that was read before a release may lack that run. */
  #release = Promise.withResolvers<void>();

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
    const month = (ahead: number) => Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + ahead);
    const [counters, open] = await Promise.all([
      readCounters(this.#kv, account, month(0), month(1) - 1),
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
    return state !== null && priceUsd !== null &&
        isPassed(state, priceUsd, this.#held.get(account) ?? 0)
      ? state
      : null;
  }

  /**
   * Does the same as {@linkcode check} for a create without confirmation. If the budget is not exceeded,
   * the price counts from now on, so that concurrent creates do not exceed the budget together. Call the
   * returned function when the run is stored or the create has failed. Where only creates in progress might
   * exceed the budget, waits for them. Counts this process only.
   */
  async hold(account: string, priceUsd: number | null): Promise<BudgetState | (() => void)> {
    if (priceUsd === null) return () => {};
    for (;;) {
      const release = this.#release;
      const state = await this.state(account);
      if (release !== this.#release) continue;
      const held = this.#held.get(account) ?? 0;
      if (state === null || !isPassed(state, priceUsd, held)) break;
      // A create in progress counts twice if its run is stored already.
      const open = micro(state.open_usd);
      if (isPassed(state, priceUsd, Math.max(held - open, 0))) return state;
      await release.promise;
    }
    this.#add(account, micro(priceUsd));
    return () => {
      this.#add(account, -micro(priceUsd));
      this.#release.resolve();
      this.#release = Promise.withResolvers();
    };
  }

  #add(account: string, held: number): void {
    const sum = (this.#held.get(account) ?? 0) + held;
    // Do not keep entries of accounts forever.
    if (sum === 0) this.#held.delete(account);
    else this.#held.set(account, sum);
  }

  /** Returns the expected cost of active runs (US dollars). */
  async #open(account: string): Promise<number> {
    let sum = 0n;
    const prefix = ["spend", account, 0, "open"];
    for await (const { value } of this.#kv.list<Deno.KvU64>({ prefix })) sum += value.value;
    return Number(sum) / MICRO;
  }
}
