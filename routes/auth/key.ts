import { pastedKey, signInResponse } from "../../lib/accounts/mod.ts";
import { readForm } from "../../lib/form_body.ts";
import { define } from "../../lib/state.ts";
import { visitorOf } from "./(_parts)/login_failure.ts";

export const handler = define.handlers({
  async POST(ctx) {
    const form = await readForm(ctx.req);
    const apiKey = pastedKey(String(form.get("api_key") ?? ""));
    ctx.state.services.requestSecrets.add(apiKey);
    const outcome = await ctx.state.services.signIn.withKey(apiKey, visitorOf(ctx));
    return signInResponse(outcome, String(form.get("next") ?? ""), ctx.state.secure);
  },
});
