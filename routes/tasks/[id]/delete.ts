import { HttpError } from "fresh";
import { define } from "../../../lib/state.ts";
import { signInAgain } from "../../(_parts)/session_ended.ts";

/** Deletes a run; the history offers to undo it. */
export const handler = define.handlers({
  async POST(ctx) {
    const { account, services } = ctx.state;
    const id = ctx.params.id ?? "";
    if (account === null) return signInAgain(new URL("/tasks", ctx.url));
    if (!await services.runs.remove(account.id, id)) throw new HttpError(404);
    return ctx.redirect(`/tasks?deleted=${encodeURIComponent(id)}`, 303);
  },
});
