import { keyIdOf, signedOutResponse } from "../../../lib/accounts/mod.ts";
import { readOwnForm } from "../../../lib/form_body.ts";
import { define } from "../../../lib/state.ts";
import { signInAgain } from "../../(_parts)/session_ended.ts";

export const handler = define.handlers({
  /** Removes a key and ends the sessions it opened, which may include this one. */
  async POST(ctx) {
    const { account, secure, session, services } = ctx.state;
    if (account === null || session === null) return signInAgain(new URL("/account", ctx.url));
    const keyId = String((await readOwnForm(ctx)).get("key_id") ?? "");
    const own = keyIdOf(await services.sessions.keyHash(session).catch(() => ""));
    const outcome = await services.accountKeys.remove(account.id, keyId);
    if (outcome === "removed") services.log("info", "key removed", { id: ctx.state.requestId });
    if (outcome !== "last" && keyId === own) return signedOutResponse(secure);
    return ctx.redirect(`/account?done=key-${outcome}`, 303);
  },
});
