import { type Context, HttpError } from "fresh";
import { RunDetails, termsOf } from "../../../components/run/RunDetails.tsx";
import { SharedHead } from "./(_parts)/SharedHead.tsx";
import type { RunPage } from "../../../lib/runs/model/mod.ts";
import { define, type State } from "../../../lib/state.ts";
import { LiveFeed } from "../../tasks/[id]/(_parts)/LiveFeed.tsx";
import { confirmable } from "./(_parts)/confirmable.ts";

/** A shared run, read-only. The page is the same for every visitor with the link, signed in or not. */
export const handler = define.handlers({
  async GET(ctx) {
    const token = ctx.params.token ?? "";
    const run = await ctx.state.services.shares.page(token, ctx.state.view.weigh);
    if (run === null) throw new HttpError(404);
    const response = await ctx.render(shared(ctx, run, token), {
      headers: {
        "x-robots-tag": "noindex, nofollow",
        // Revalidated each time, so a revoked link stops working at once.
        "cache-control": "private, no-cache",
      },
    });
    return run.ended ? await confirmable(ctx.req, response) : response;
  },
});

function shared(ctx: Context<State>, run: RunPage, token: string) {
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
        find={ctx.url.searchParams.get("find") ?? ""}
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
