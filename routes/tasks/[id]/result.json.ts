import { jsonPieces, textStream } from "../../../lib/base/mod.ts";
import { resultJson } from "../../../lib/exports/mod.ts";
import { define } from "../../../lib/state.ts";
import { ownRun, shareLink } from "./(_parts)/own_run.ts";

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
