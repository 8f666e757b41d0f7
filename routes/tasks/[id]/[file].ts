import { HttpError } from "fresh";
import { attachment, textStream, utcDay } from "../../../lib/base/mod.ts";
import { EXPORT_FORMATS } from "../../../lib/exports/mod.ts";
import { define } from "../../../lib/state.ts";
import { ownRun, shareLink } from "./(_parts)/own_run.ts";

/** A run in one of the export formats. `?bom=1` makes a table readable for Excel. */
export const handler = define.handlers({
  async GET(ctx) {
    const format = EXPORT_FORMATS.find(({ file }) => file === ctx.params.file);
    if (format === undefined) throw new HttpError(404);
    const [run, share] = await Promise.all([ownRun(ctx), shareLink(ctx, ctx.params.id ?? "")]);
    if (run instanceof Response) return run;
    const pieces = format.pieces(run, {
      share: share && { url: share.url, created_at: new Date(share.created_ms).toISOString() },
      bom: ctx.url.searchParams.get("bom") === "1",
    });
    if (pieces === null) {
      throw new HttpError(
        409,
        run.ended
          ? "This run ended without a result, so it has no table. You can export its report and its trace."
          : "This run has no result yet. The table is available once it has ended.",
      );
    }
    const headers = new Headers({ "content-type": format.type });
    if (format.download !== null) {
      // The name starts with the date, so that folders sort by date.
      const stem = [utcDay(run.run.created_ms), run.run.simulated && "simulated", run.title];
      headers.set(
        "content-disposition",
        attachment(stem.filter(Boolean).join(" "), format.download),
      );
    }
    return new Response(ctx.state.view.send(textStream(pieces)), { headers });
  },
});
