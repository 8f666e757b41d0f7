import { HttpError } from "fresh";
import { define } from "../../../lib/state.ts";
import { signInFirst } from "../../(_pages)/sign_in_first.ts";

/** Makes a run's share link, or keeps the one it has. */
export const handler = define.handlers({
  async POST(ctx) {
    const { account, services } = ctx.state;
    const id = ctx.params.id ?? "";
    const page = `/tasks/${encodeURIComponent(id)}`;
    if (account === null) return signInFirst(new URL(page, ctx.url));
    if (await services.shares.share(account.id, id) === null) throw new HttpError(404);
    return ctx.redirect(`${page}#share`, 303);
  },
});
