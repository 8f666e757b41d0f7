import { jsonPieces } from "../../../lib/base/json_pieces.ts";
import { textStream } from "../../../lib/base/paced.ts";
import { resultJson } from "../../../lib/exports/result_json.ts";
import { define } from "../../../lib/state.ts";
import { ownRun } from "../../(_pages)/own_run.ts";
import { shareLink } from "../../(_pages)/share_link.ts";

export const handler = define.handlers({
  async GET(ctx) {
    const [run, share] = await Promise.all([ownRun(ctx), shareLink(ctx, ctx.params.id ?? "")]);
    if (run instanceof Response) return run;
    ctx.state.view.keep();
    const document = resultJson(
      run,
      share && { url: share.url, created_at: new Date(share.created_ms).toISOString() },
    );
    return new Response(textStream(jsonPieces(document)), {
      headers: { "content-type": "application/json" },
    });
  },
});
