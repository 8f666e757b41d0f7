import type { Context } from "fresh";
import type { ShareLink } from "../../../../components/run/access.ts";
import type { State } from "../../../../lib/state.ts";

/** The share link of the signed-in account's run, as an absolute address; `null` where it has none. */
export async function shareLink(ctx: Context<State>, runId: string): Promise<ShareLink | null> {
  const { account, services } = ctx.state;
  const share = account === null ? null : await services.shares.of(account.id, runId);
  if (share === null) return null;
  const origin = services.config.publicUrl ?? ctx.url.origin;
  return { url: `${origin}/s/${share.token}`, created_ms: share.created_ms };
}
