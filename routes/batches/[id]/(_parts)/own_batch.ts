import { type Context, HttpError } from "fresh";
import type { BatchPage } from "../../../../lib/batches/mod.ts";
import type { State } from "../../../../lib/state.ts";
import { signInFirst } from "../../../(_parts)/sign_in_first.ts";

/**
 * The batch that the path names, for its owner; a visitor is sent to sign in first. Throws 404 for another
 * owner's batch, the same as for one that does not exist.
 */
export async function ownBatch(ctx: Context<State>): Promise<BatchPage | Response> {
  const { account, services } = ctx.state;
  if (account === null) return signInFirst(ctx.url);
  const page = await services.batches.page(account.id, ctx.params.id ?? "");
  if (page === null) throw new HttpError(404);
  return page;
}
