import { eTag, ifNoneMatch } from "@std/http/etag";
import { type Context, HttpError } from "fresh";
import { resultMode, RunDetails, termsOf } from "../../../components/run/RunDetails.tsx";
import { SharedBatchHead, SharedHead } from "./(_parts)/SharedHead.tsx";
import type { BatchPage } from "../../../lib/batches/mod.ts";
import { idleAfterMs, STORE_AWAY_NOTICE } from "../../../lib/runs/mod.ts";
import type { TracedPage } from "../../../lib/runs/model/mod.ts";
import { define, type State } from "../../../lib/state.ts";
import { sharedPlace, shownBatch } from "../../batches/[id]/(_parts)/batch_view.ts";
import { BatchDetails } from "../../batches/[id]/(_parts)/BatchDetails.tsx";
import { LiveFeed } from "../../tasks/[id]/(_parts)/LiveFeed.tsx";
import { traceQuery } from "../../tasks/[id]/(_parts)/own_run.ts";

const HEADERS = {
  "x-robots-tag": "noindex, nofollow",
  // Revalidated each time, so a revoked link stops working at once.
  "cache-control": "private, no-cache",
};

/**
 * The longest header that is read: a browser sends one tag. From JSR, `ifNoneMatch` splits at commas with any
 * white space around them (http/etag.ts), which takes minutes for as much of it as a server accepts.
 */
const MAX_CHARS = 1_000;
const NONCE = / nonce="[^"]*"/g;

/**
 * A shared run or batch, read-only. The page is the same for every visitor with the link, signed in or
 * not.
 */
export const handler = define.handlers({
  async GET(ctx) {
    const token = ctx.params.token ?? "";
    const { batches, shares } = ctx.state.services;
    const run = await shares.page(token, traceQuery(ctx.url.searchParams), ctx.state.view.weigh);
    if (run !== null) {
      const response = await ctx.render(shared(ctx, run, token), { headers: HEADERS });
      return run.ended ? await withETag(ctx.req, response) : response;
    }
    const batch = await batches.sharedPage(token);
    if (batch === null) throw new HttpError(404);
    return await ctx.render(await sharedBatch(ctx, batch, token), { headers: HEADERS });
  },
});

async function sharedBatch(ctx: Context<State>, batch: BatchPage, token: string) {
  const { config } = ctx.state.services;
  const shown = await shownBatch(batch, ctx.url.searchParams, sharedPlace(token));
  return (
    <>
      <SharedBatchHead page={batch} url={`${config.publicUrl ?? ctx.url.origin}/s/${token}`} />
      <BatchDetails
        shown={shown}
        link={null}
        idleMs={idleAfterMs(config.sseHeartbeatMs)}
        now={Date.now()}
        awayNotice={STORE_AWAY_NOTICE}
      />
    </>
  );
}

function shared(ctx: Context<State>, run: TracedPage, token: string) {
  const { config } = ctx.state.services;
  const path = `/s/${token}`;
  const now = Date.now();
  const terms = termsOf(run);
  return (
    <>
      <SharedHead page={run} url={`${config.publicUrl ?? ctx.url.origin}${path}`} />
      <RunDetails
        page={run}
        now={now}
        terms={terms}
        access={{ kind: "visitor" }}
        mode={resultMode(ctx.url.searchParams)}
        feed={
          <LiveFeed
            page={run}
            terms={terms}
            eventsUrl={`${path}/events`}
            heartbeatMs={config.sseHeartbeatMs}
            now={now}
          />
        }
      />
    </>
  );
}

/**
 * Returns the page with its entity tag, or 304 if the browser has the same version (RFC 9110, section 13). The
 * tag covers the rendered page without its nonces, which differ each time and carry no content. Do not send a policy
 * with a 304 (see `securityHeaders`): the cached page has its own nonces. The page is returned as the same
 * object, because `csp()` attaches the policy and nonce to that object.
 */
async function withETag(request: Request, page: Response): Promise<Response> {
  const html = await page.clone().text();
  // Weak: two pages with different nonces are not byte-identical.
  const tag = await eTag(html.replace(NONCE, ""), { weak: true });
  const { headers } = page;
  headers.set("etag", tag);
  const known = request.headers.get("if-none-match");
  if ((known?.length ?? 0) > MAX_CHARS || ifNoneMatch(known, tag)) return page;
  headers.delete("content-type");
  headers.delete("content-length");
  return new Response(null, { status: 304, headers });
}
