import { HttpError } from "fresh";
import { signedOutResponse } from "../../lib/accounts/mod.ts";
import { readOwnForm } from "../../lib/form_body.ts";
import { define } from "../../lib/state.ts";
import { signInAgain } from "../(_parts)/session_ended.ts";

export const handler = define.handlers({
  /** Ends the session named in the form, all sessions, or all but the current one. */
  async POST(ctx) {
    const { account, services: { sessions }, session, secure } = ctx.state;
    if (account === null || session === null) return signInAgain(new URL("/account", ctx.url));
    const end = String((await readOwnForm(ctx)).get("end") ?? "");
    if (account.refusedMs !== null && end !== session.id) {
      throw new HttpError(403, "Sign in with a key that Parallel accepts to end other sessions.");
    }
    if (end === "others") {
      await sessions.endOthers(account.id, session.id);
      return ctx.redirect("/account?done=sessions-ended", 303);
    }
    if (end === "all") {
      await sessions.endOthers(account.id, null);
      return signedOutResponse(secure);
    }
    const ended = await sessions.endById(account.id, end);
    if (end === session.id) return signedOutResponse(secure);
    return ctx.redirect(`/account?done=${ended ? "session-ended" : "session-gone"}`, 303);
  },
});
