import { type Context, HttpError } from "fresh";
import { isSpeculative } from "../../../../lib/middleware/mod.ts";
import type { RunPage } from "../../../../lib/runs/model/mod.ts";
import type { State } from "../../../../lib/state.ts";
import { signInFirst } from "../../../(_parts)/sign_in_first.ts";

/**
 * The run that the path names, for its owner, adopted where it was created elsewhere; a visitor is sent to sign in first. Throws 404 for a run
 * of another owner, the same as for one that does not exist.
 */
export async function ownRun(ctx: Context<State>): Promise<RunPage | Response> {
  const { account, services } = ctx.state;
  if (account === null) return signInFirst(ctx.url);
  const id = ctx.params.id ?? "";
  // Looking ahead takes nothing into a history.
  const run = isSpeculative(ctx.req)
    ? await services.runs.page(account.id, id, ctx.state.view.weigh)
    : await services.runs.open(account, id, ctx.state.view.weigh);
  if (run === null) throw new HttpError(404);
  return run;
}
