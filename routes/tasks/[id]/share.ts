import { define } from "../../../lib/state.ts";
import { changeShare } from "./(_parts)/change_share.ts";

/** Makes a run's share link, or keeps the one it has. */
export const handler = define.handlers({
  POST: (ctx) =>
    changeShare(
      ctx,
      async (account, id) => await ctx.state.services.shares.share(account, id) !== null,
    ),
});
