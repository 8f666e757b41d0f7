import { eventsResponse, lastEventNumber } from "../../../lib/proxy/mod.ts";
import { define } from "../../../lib/state.ts";

/** The stream of a shared run or batch: the same IDs as its owner's, without the owner's private data. */
export const handler = define.handlers({
  async GET(ctx) {
    const { batches, shares, streamLeases } = ctx.state.services;
    const token = ctx.params.token ?? "";
    const after = lastEventNumber(ctx.req.headers, ctx.url.searchParams);
    const ofRun = await shares.stream(token, after);
    const isRun = ofRun.status !== "unknown";
    const opened = isRun ? ofRun : await batches.sharedStream(token, after);
    if (opened.status === "unknown") {
      return ctx.text("This link is invalid or was revoked.", { status: 404 });
    }
    if (opened.status !== "open") return eventsResponse(opened);
    const mayRead = () => isRun ? shares.isShared(token) : batches.isShared(token);
    const owner = { kind: "link", mayRead } as const;
    return eventsResponse({ ...opened, body: streamLeases.bind(opened.body, owner) });
  },
});
