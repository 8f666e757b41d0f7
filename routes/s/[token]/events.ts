import { eventsResponse, lastEventId } from "../../../lib/proxy/mod.ts";
import { define } from "../../../lib/state.ts";

/** A shared run's stream: the same IDs as its owner's, without the owner's private data. */
export const handler = define.handlers({
  async GET(ctx) {
    const { shares, storeNotices } = ctx.state.services;
    const after = lastEventId(ctx.req.headers, ctx.url.searchParams);
    const answer = await shares.stream(ctx.params.token ?? "", after);
    return answer.status === "unknown"
      ? ctx.text("This link is invalid or was revoked.", { status: 404 })
      : eventsResponse(answer, storeNotices);
  },
});
