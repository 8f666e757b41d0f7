import { textStream } from "../../../lib/base/paced.ts";
import { traceLines } from "../../../lib/exports/trace_ndjson.ts";
import { define } from "../../../lib/state.ts";
import { download } from "../../(_pages)/download.ts";
import { ownRun } from "../../(_pages)/own_run.ts";

export const handler = define.handlers({
  async GET(ctx) {
    const run = await ownRun(ctx);
    if (run instanceof Response) return run;
    ctx.state.view.keep();
    return download(run, "ndjson", textStream(traceLines(run)));
  },
});
