import { resultJson } from "../../../lib/exports/result_json.ts";
import { define } from "../../../lib/state.ts";
import { ownRun } from "../../(_pages)/own_run.ts";

export const handler = define.handlers({
  async GET(ctx) {
    const run = await ownRun(ctx);
    return run instanceof Response ? run : ctx.json(resultJson(run, null));
  },
});
