import { define } from "../../../lib/state.ts";
import { changeShare } from "./(_parts)/own_run.ts";

/** Revokes a run's share link. Sharing it later creates a new link. */
export const handler = define.handlers({
  POST: (ctx) => changeShare(ctx, (account, id) => ctx.state.services.shares.unshare(account, id)),
});
