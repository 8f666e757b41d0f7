import { HttpError } from "fresh";
import { define } from "../../../lib/state.ts";
import { signInAgain } from "../../(_parts)/session_ended.ts";

/** Undoes a deletion. */
export const handler = define.handlers({
  async POST(ctx) {
    const { account, services } = ctx.state;
    const id = ctx.params.id ?? "";
    if (account === null) return signInAgain(new URL("/tasks", ctx.url));
    const outcome = await services.runs.restore(account.id, id);
    if (outcome === "unknown") throw new HttpError(404);
    if (outcome === "late") {
      throw new HttpError(410, "It is too late to undo: this task was permanently deleted.");
    }
    return ctx.redirect(`/tasks/${encodeURIComponent(id)}`, 303);
  },
});
