import { readOwnForm } from "../../lib/form_body.ts";
import { readWebhookSecret } from "../../lib/parallel/mod.ts";
import { define } from "../../lib/state.ts";
import { signInAgain } from "../(_parts)/session_ended.ts";

export const handler = define.handlers({
  /** Stores the account's webhook secret, or deletes it. */
  async POST(ctx) {
    const { account, services: { accountRemoval, webhookSecrets } } = ctx.state;
    if (account === null) return signInAgain(new URL("/account", ctx.url));
    const form = await readOwnForm(ctx);
    if (form.get("forget") === "yes") {
      await webhookSecrets.set(account.id, null);
      return ctx.redirect("/account?done=webhook-removed", 303);
    }
    const pasted = form.get("webhook_secret");
    const read = readWebhookSecret(typeof pasted === "string" ? pasted : "");
    if (!read.ok) {
      return ctx.redirect(`/account?done=webhook-malformed&secret=${read.problem}#webhooks`, 303);
    }
    await webhookSecrets.set(account.id, read.secret);
    await accountRemoval.removeLate(account.id);
    return ctx.redirect("/account?done=webhook-saved", 303);
  },
});
