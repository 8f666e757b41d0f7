import { type Context, HttpError } from "fresh";
import { isSpeculative } from "../../../../lib/base/mod.ts";
import {
  kindFilters,
  type RunPage,
  type TracedPage,
  type TraceQuery,
} from "../../../../lib/runs/model/mod.ts";
import { holderOf } from "../../../../lib/runs/mod.ts";
import type { State } from "../../../../lib/state.ts";
import { signInAgain, signInFirst } from "../../../(_parts)/session_ended.ts";
import type { ShareLink } from "../../../../components/run/SharePanel.tsx";

/**
 * Returns the run named in the path to its owner. Adopts it if it was created elsewhere. A visitor is sent
 * to sign in first. Throws 404 for another owner's run, the same as for an unknown one.
 */
export function ownRun(ctx: Context<State>): Promise<RunPage | Response> {
  return opened(ctx, (account, id) => ctx.state.services.runs.page(account, id, weighOf(ctx)));
}

/** Returns the run with the part of its trace that the URL names, as {@linkcode ownRun}. */
export function tracedRun(ctx: Context<State>): Promise<TracedPage | Response> {
  const reading = { query: traceQuery(ctx.url.searchParams), weigh: weighOf(ctx) };
  return opened(ctx, (account, id) => ctx.state.services.runs.traced(account, id, reading));
}

async function opened<Page>(
  ctx: Context<State>,
  readPage: (account: string, id: string) => Promise<Page | null>,
): Promise<Page | Response> {
  const { account, services } = ctx.state;
  if (account === null) return signInFirst(ctx.url);
  const id = ctx.params.id ?? "";
  const read = () => readPage(account.id, id);
  // A prefetch must not add a run to the history.
  const mayAdopt = !isSpeculative(ctx.req);
  const holder = () => holderOf(account, () => services.runs.apiKeyOf(account));
  const run = await read() ??
    (mayAdopt && await services.runs.adopt(holder(), id) ? await read() : null);
  if (run === null) throw new HttpError(404);
  return run;
}

function weighOf(ctx: Context<State>) {
  return ctx.state.view.weigh;
}

/** The part of a trace that a URL names. Invalid parameters are ignored. */
export function traceQuery(params: URLSearchParams): TraceQuery {
  const id = (name: string) => {
    const value = Number(params.get(name) ?? NaN);
    return Number.isSafeInteger(value) && value > 0 ? value : null;
  };
  return {
    from: id("from"),
    to: id("to"),
    find: (params.get("find") ?? "").slice(0, FIND_CHARS),
    kind: kindFilters().has(params.get("kind") ?? "") ? params.get("kind") ?? "" : "",
    raw: id("raw"),
  };
}

/** The most of a search text that is looked for (characters). */
const FIND_CHARS = 200;

/** Returns the share link of the signed-in account's run as an absolute URL, or `null` if it has none. */
export async function shareLink(ctx: Context<State>, runId: string): Promise<ShareLink | null> {
  const { account, services } = ctx.state;
  const share = account === null ? null : await services.shares.find(account.id, runId);
  if (share === null) return null;
  const origin = services.config.publicUrl ?? ctx.url.origin;
  return { url: `${origin}/s/${share.token}`, created_ms: share.created_ms };
}

/**
 * Changes how the path's run is shared, and redirects to its page. Throws 404 if `change` returns that the
 * account does not have the run.
 */
export async function changeShare(
  ctx: Context<State>,
  change: (account: string, runId: string) => Promise<boolean>,
): Promise<Response> {
  const { account } = ctx.state;
  const id = ctx.params.id ?? "";
  const page = `/tasks/${encodeURIComponent(id)}`;
  if (account === null) return signInAgain(new URL(page, ctx.url));
  if (!await change(account.id, id)) throw new HttpError(404);
  return ctx.redirect(page, 303);
}
