import { HttpError } from "fresh";
import { Trace } from "../../../components/run/Trace.tsx";
import { define } from "../../../lib/state.ts";
import { traceQuery } from "../../tasks/[id]/(_parts)/own_run.ts";

/** A part of a shared run's trace alone, for the page's script. */
export const handler = define.handlers({
  async GET(ctx) {
    const { services, view } = ctx.state;
    const query = traceQuery(ctx.url.searchParams);
    const run = await services.shares.page(ctx.params.token ?? "", query, view.weigh);
    if (run === null) throw new HttpError(404);
    return await ctx.render(<Trace page={run} />, {
      headers: { "x-robots-tag": "noindex, nofollow", "cache-control": "private, no-cache" },
    }, { skipAppWrapper: true, skipInheritedLayouts: true });
  },
});
