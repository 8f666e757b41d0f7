import { type Context, HttpError } from "fresh";
import type { State } from "../../../../lib/state.ts";
import { signInFirst } from "../../../(_parts)/sign_in_first.ts";

/**
 * Changes how the path's run is shared and leads back to its page. Throws 404 where `change` says that
 * the account has no such run.
 */
export async function changeShare(
  ctx: Context<State>,
  change: (account: string, runId: string) => Promise<boolean>,
): Promise<Response> {
  const { account } = ctx.state;
  const id = ctx.params.id ?? "";
  const page = `/tasks/${encodeURIComponent(id)}`;
  if (account === null) return signInFirst(new URL(page, ctx.url));
  if (!await change(account.id, id)) throw new HttpError(404);
  return ctx.redirect(`${page}#share`, 303);
}
