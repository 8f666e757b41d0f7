import { HttpError } from "fresh";
import { readOwnForm } from "../../../lib/form_body.ts";
import { define } from "../../../lib/state.ts";
import { signInAgain } from "../../(_parts)/session_ended.ts";
import { ownerIn } from "../(_parts)/parts.tsx";

/** Stops a watch at Parallel: 303 to its page, which says if Parallel did not answer. */
export const handler = define.handlers({
  async POST(ctx) {
    const account = ownerIn(ctx.state);
    const id = ctx.params.id ?? "";
    const path = `/watches/${encodeURIComponent(id)}`;
    if (account === null) return signInAgain(new URL(path, ctx.url));
    await readOwnForm(ctx);
    const failure = await ctx.state.services.watches.cancel(account, id);
    if (failure?.status === 404) throw new HttpError(404);
    return ctx.redirect(failure === null ? path : `${path}?problem=cancel`, 303);
  },
});
