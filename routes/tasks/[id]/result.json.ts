import { resultJson } from "../../../lib/exports/result_json.ts";
import { define } from "../../../lib/state.ts";
import { ownRun } from "../../(_pages)/own_run.ts";
import { shareLink } from "../../(_pages)/share_link.ts";

export const handler = define.handlers({
  async GET(ctx) {
    const run = await ownRun(ctx);
    if (run instanceof Response) return run;
    const share = await shareLink(ctx, run.run.run_id);
    return ctx.json(resultJson(
      run,
      share && { url: share.url, created_at: new Date(share.created_ms).toISOString() },
    ));
  },
});
