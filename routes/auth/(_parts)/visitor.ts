/** Who comes to sign in, as the ways in want to know it. Pure. */
import type { Visitor } from "../../../lib/accounts/mod.ts";
import type { State } from "../../../lib/state.ts";

export function visitorOf(ctx: { readonly state: State; readonly req: Request }): Visitor {
  return { session: ctx.state.session, userAgent: ctx.req.headers.get("user-agent") };
}
