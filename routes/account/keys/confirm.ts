import { define } from "../../../lib/state.ts";
import { signInAgain } from "../../(_parts)/session_ended.ts";

export const handler = define.handlers({
  /** Confirms that all keys belong to the account. */
  async POST(ctx) {
    const { account, services } = ctx.state;
    if (account === null) return signInAgain(new URL("/account", ctx.url));
    await services.accounts.confirmKeys(account.id);
    return ctx.redirect("/account?done=keys-confirmed", 303);
  },
});
