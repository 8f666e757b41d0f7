import { accountDocument } from "../../lib/accounts/mod.ts";
import { define } from "../../lib/state.ts";
import { everyRun } from "../../lib/transfer/mod.ts";
import { runsDownload } from "../tasks/(_parts)/runs_download.ts";
import { signInFirst } from "../(_parts)/session_ended.ts";

export const handler = define.handlers({
  /** Streams all of the account's data as one file. Its runs can be imported. */
  async GET(ctx) {
    const { account: owner, services } = ctx.state;
    if (owner === null) return signInFirst(ctx.url);
    const { id } = owner;
    const [account, keys, sessions, secret, budget, schedules, watches, notifications] =
      await Promise.all([
        services.accounts.get(id),
        services.accounts.keys(id),
        services.sessions.list(id),
        services.webhookSecrets.get(id),
        services.histories.budgets.state(id),
        services.schedules.exported(id),
        services.watches.exported(id),
        services.notifications.targets.list(id),
      ]);
    if (account === null) return signInFirst(ctx.url);
    const about = accountDocument({
      account,
      keys,
      sessions,
      hasWebhookSecret: secret !== null,
      budgetUsd: budget?.budget_usd ?? null,
      notifications,
    });
    const to = { account: id, client: ctx.state.client };
    return runsDownload(services.views, to, (to) => everyRun(services, to), "ndjson", {
      name: "taskstream account",
      further: services.batches.exported(id),
      about: { account: { ...about, schedules, watches } },
    });
  },
});
