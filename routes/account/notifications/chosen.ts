import { HttpError } from "fresh";
import { readOwnForm } from "../../../lib/form_body.ts";
import { define } from "../../../lib/state.ts";
import { signInAgain } from "../../(_parts)/session_ended.ts";

const PAGE = /^\/(tasks|batches)\/([\w-]{1,200})$/;

export const handler = define.handlers({
  /** Turns the notification of a run or batch on or off, from its page. */
  async POST(ctx) {
    const { account, services } = ctx.state;
    if (account === null) return signInAgain(new URL("/account/notifications", ctx.url));
    const form = await readOwnForm(ctx);
    const [page, name, id] = PAGE.exec(String(form.get("page") ?? "")) ?? [];
    if (page === undefined || id === undefined) throw new HttpError(404);
    const kind = name === "tasks" ? "run" : "batch";
    if (!await services.chooseNotification(account.id, kind, id, form.get("tell") === "yes")) {
      throw new HttpError(404);
    }
    await services.accountRemoval.removeLate(account.id);
    return ctx.redirect(page, 303);
  },
});
