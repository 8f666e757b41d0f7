import { type Context, HttpError } from "fresh";
import type { BatchPage } from "../../../../lib/batches/mod.ts";
import { isSpeculative } from "../../../../lib/base/mod.ts";
import type { State } from "../../../../lib/state.ts";
import { signInFirst } from "../../../(_parts)/session_ended.ts";
import type { GroupProblem } from "./GroupNotice.tsx";

/** The saved field with the name that was entered before signing in again. */
export const RENAME = "rename";

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

/**
 * Finds the batch as {@linkcode ownBatch} does. Adopts a task group that was created elsewhere, or returns why it
 * cannot be shown.
 */
export async function openBatch(
  ctx: Context<State>,
): Promise<BatchPage | GroupProblem | Response> {
  const { account, services: { batches } } = ctx.state;
  const id = ctx.params.id ?? "";
  // A prefetch must not add a batch to the history.
  if (account === null || isSpeculative(ctx.req)) return await ownBatch(ctx);
  const page = await batches.page(account.id, id);
  if (page !== null) {
    if (page.batch.adopted) batches.lookAgain(account.id, id);
    return page;
  }
  const adoption = await batches.adopt(account, id);
  if (adoption.state === "adopted" || adoption.state === "unknown") return await ownBatch(ctx);
  return adoption;
}
