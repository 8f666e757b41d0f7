/** Composes schedules from accounts, runs, batches and budgets. */
import type { AccountServices } from "./account_services.ts";
import type { Log } from "./base/mod.ts";
import type { Batches } from "./batches/mod.ts";
import type { Notifications } from "./notify/mod.ts";
import type { Histories, Idempotency, Runs } from "./runs/mod.ts";
import { Schedules, type SchedulesContext, Watches } from "./schedules/mod.ts";
import type { Committer } from "./store/mod.ts";
import type { Upstreams } from "./upstreams.ts";

/** The dependencies on other services. */
export interface SchedulingOptions {
  readonly kv: Deno.Kv;
  readonly committer: Committer;
  /** The store for background work. */
  readonly background: { readonly kv: Deno.Kv; readonly committer: Committer };
  /** Identifies this process to others. */
  readonly owner: SchedulesContext["owner"];
  readonly isGone: SchedulesContext["isGone"];
  readonly now: () => number;
  readonly log: Log;
  readonly account: Pick<AccountServices, "accounts" | "openKey">;
  readonly runs: Runs;
  readonly batches: Batches;
  readonly budgets: Histories["budgets"];
  readonly notifications: Pick<Notifications, "notify">;
  readonly idempotency: Idempotency;
  readonly upstreams: Upstreams;
}

/** Creates the schedules and watches. */
export function openScheduling(
  options: SchedulingOptions,
): { readonly schedules: Schedules; readonly watches: Watches } {
  const { account, background, batches, budgets, committer, isGone, kv, log, now, owner, runs } =
    options;
  const context: SchedulesContext = {
    owner,
    isGone,
    kv,
    committer,
    now,
    log,
    openKey: (sealed) => account.openKey(sealed),
    accountOf: async (apiKey) => (await account.accounts.find(apiKey))?.id ?? null,
    hasAccount: async (id) => await account.accounts.get(id) !== null,
    isOverBudget: async (id, usd) => await budgets.check(id, usd) !== null,
    runs,
    batches,
    notify: (id, notice) => options.notifications.notify(id, notice),
  };
  const watches = new Watches({
    ...context,
    idempotency: options.idempotency,
    clientFor: (apiKey) => options.upstreams.clientFor(apiKey),
  });
  return { schedules: new Schedules(context, background), watches };
}
