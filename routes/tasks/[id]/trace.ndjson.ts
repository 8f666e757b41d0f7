import { textStream } from "../../../lib/base/mod.ts";
import { traceLines } from "../../../lib/exports/mod.ts";
import { define } from "../../../lib/state.ts";
import { download, ownRun } from "./(_parts)/own_run.ts";

export const handler = define.handlers({
  async GET(ctx) {
    const run = await ownRun(ctx);
    if (run instanceof Response) return run;
    ctx.state.view.keep();
    return download(run, "ndjson", textStream(traceLines(run)));
  },
});
