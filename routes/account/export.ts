import { accountDocument } from "../../lib/accounts/account_document.ts";
import { attachment } from "../../lib/content_disposition.ts";
import { define } from "../../lib/state.ts";
import { everyRun, historyLines } from "../../lib/transfer/export.ts";
import { signInFirst } from "../(_pages)/sign_in_first.ts";

export const handler = define.handlers({
  /** Everything of the account as one file, written while it is read; its runs can be imported again. */
  async GET(ctx) {
    const { account: owner, services } = ctx.state;
    if (owner === null) return signInFirst(ctx.url);
    const { id } = owner;
    const [account, keys, sessions, secret, budget] = await Promise.all([
      services.accounts.get(id),
      services.accounts.keys(id),
      services.sessions.list(id),
      services.webhookSecrets.get(id),
      services.histories.budgets.state(id),
    ]);
    if (account === null) return signInFirst(ctx.url);
    const about = accountDocument({
      account,
      keys,
      sessions,
      hasWebhookSecret: secret !== null,
      budgetUsd: budget?.budget_usd ?? null,
    });
    const now = Date.now();
    const lines = historyLines(everyRun(services, id), now, { account: about });
    return new Response(ReadableStream.from(lines).pipeThrough(new TextEncoderStream()), {
      headers: {
        "content-type": "application/x-ndjson; charset=utf-8",
        "content-disposition": attachment(
          `${new Date(now).toISOString().slice(0, 10)} taskstream account`,
          "ndjson",
        ),
      },
    });
  },
});
