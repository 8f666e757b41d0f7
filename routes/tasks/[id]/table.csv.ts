import { HttpError } from "fresh";
import { tableCsv } from "../../../lib/exports/table.ts";
import { define } from "../../../lib/state.ts";
import { download } from "../../(_pages)/download.ts";
import { ownRun } from "../../(_pages)/own_run.ts";

export const handler = define.handlers({
  async GET(ctx) {
    const run = await ownRun(ctx);
    if (run instanceof Response) return run;
    if (run.output === null) {
      throw new HttpError(
        409,
        run.ended
          ? "This run ended without a result, so there is no table of it. Its report and its trace can be exported."
          : "This run has no result yet. The table is there when it is done.",
      );
    }
    return download(run, "csv", tableCsv(run, run.output));
  },
});
