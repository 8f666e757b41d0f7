import { HttpError } from "fresh";
import { textStream } from "../../../lib/base/mod.ts";
import { BYTE_ORDER_MARK, tableCsv } from "../../../lib/exports/mod.ts";
import { define } from "../../../lib/state.ts";
import { download, ownRun } from "./(_parts)/own_run.ts";

/** The result as a table. `?bom=1` is for Excel, which otherwise assumes another encoding. */
export const handler = define.handlers({
  async GET(ctx) {
    const run = await ownRun(ctx);
    if (run instanceof Response) return run;
    if (run.output === null) {
      throw new HttpError(
        409,
        run.ended
          ? "This run ended without a result, so it has no table. You can export its report and its trace."
          : "This run has no result yet. The table is available once it has ended.",
      );
    }
    ctx.state.view.keep();
    const mark = ctx.url.searchParams.get("bom") === "1" ? BYTE_ORDER_MARK : "";
    return download(run, "csv", textStream(withMark(mark, tableCsv(run, run.output))));
  },
});

function* withMark(mark: string, table: Iterable<string>): Generator<string> {
  yield mark;
  yield* table;
}
