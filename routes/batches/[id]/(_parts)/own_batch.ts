import { type Context, HttpError } from "fresh";
import type { BatchPage } from "../../../../lib/batches/mod.ts";
import type { State } from "../../../../lib/state.ts";
import { signInFirst } from "../../../(_parts)/sign_in_first.ts";

/**
 * Finds the batch in the path for its owner, or redirects a visitor to sign in. Throws the same 404 for
 * another owner's batch as for a missing one.
 */
export async function ownBatch(ctx: Context<State>): Promise<BatchPage | Response> {
  const { account, services } = ctx.state;
  if (account === null) return signInFirst(ctx.url);
  const page = await services.batches.page(account.id, ctx.params.id ?? "");
  if (page === null) throw new HttpError(404);
  return page;
}
