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
import { withETag } from "./(_parts)/revalidation.ts";

const HEADERS = {
  "x-robots-tag": "noindex, nofollow",
  // Revalidated each time, so a revoked link stops working at once.
  "cache-control": "private, no-cache",
};

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
    return await ctx.render(sharedBatch(ctx, batch, token), { headers: HEADERS });
  },
});

function sharedBatch(ctx: Context<State>, batch: BatchPage, token: string) {
  const { config } = ctx.state.services;
  const shown = shownBatch(batch, ctx.url.searchParams, sharedPlace(token));
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
