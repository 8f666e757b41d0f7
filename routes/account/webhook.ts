import { isWebhookSecret } from "../../lib/accounts/webhook_secret_shape.ts";
import { readForm } from "../../lib/form_body.ts";
import { define } from "../../lib/state.ts";
import { signInFirst } from "../(_pages)/sign_in_first.ts";

export const handler = define.handlers({
  /** Keeps the account's webhook secret, or forgets it. */
  async POST(ctx) {
    const { account, services: { webhookSecrets } } = ctx.state;
    if (account === null) return signInFirst(new URL("/account", ctx.url));
    const form = await readForm(ctx.req);
    if (form.get("forget") === "yes") {
      await webhookSecrets.set(account.id, null);
      return ctx.redirect("/account?done=webhook-removed", 303);
    }
    const secret = String(form.get("webhook_secret") ?? "").trim();
    if (!isWebhookSecret(secret)) {
      return ctx.redirect("/account?done=webhook-malformed#webhooks", 303);
    }
    await webhookSecrets.set(account.id, secret);
    return ctx.redirect("/account?done=webhook-saved", 303);
  },
});
