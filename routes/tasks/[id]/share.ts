import { define } from "../../../lib/state.ts";
import { changeShare } from "./(_parts)/own_run.ts";

/** Creates a run's share link, or keeps the existing one. */
export const handler = define.handlers({
  POST: (ctx) =>
    changeShare(
      ctx,
      async (account, id) => await ctx.state.services.shares.share(account, id) !== null,
    ),
});
