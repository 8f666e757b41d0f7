import { define } from "../../../lib/state.ts";
import { Trace } from "../../../components/run/Trace.tsx";
import { tracedRun } from "./(_parts)/own_run.ts";

/** A part of the trace alone, for the page's script. Without script the run's page shows it. */
export const handler = define.handlers({
  async GET(ctx) {
    const run = await tracedRun(ctx);
    if (run instanceof Response) return run;
    return await ctx.render(<Trace page={run} />, undefined, {
      skipAppWrapper: true,
      skipInheritedLayouts: true,
    });
  },
});
