import { eventsResponse, lastEventId } from "../../../lib/proxy/mod.ts";
import { define } from "../../../lib/state.ts";

/** A shared run's stream: the same IDs as its owner's, without the owner's private data. */
export const handler = define.handlers({
  async GET(ctx) {
    const { shares, streamLeases } = ctx.state.services;
    const token = ctx.params.token ?? "";
    const after = lastEventId(ctx.req.headers, ctx.url.searchParams);
    const opened = await shares.stream(token, after);
    if (opened.status === "unknown") {
      return ctx.text("This link is invalid or was revoked.", { status: 404 });
    }
    if (opened.status !== "open") return eventsResponse(opened);
    const owner = { kind: "link", mayRead: () => shares.isShared(token) } as const;
    return eventsResponse({ ...opened, body: streamLeases.bind(opened.body, owner) });
  },
});
