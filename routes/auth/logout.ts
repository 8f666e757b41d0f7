import { signedOutResponse } from "../../lib/accounts/mod.ts";
import { define } from "../../lib/state.ts";

export const handler = define.handlers({
  async POST(ctx) {
    if (ctx.state.session !== null) await ctx.state.services.sessions.end(ctx.state.session);
    return signedOutResponse(ctx.state.secure);
  },
});
