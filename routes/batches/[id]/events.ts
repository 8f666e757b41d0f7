import { eventsResponse, lastEventNumber } from "../../../lib/proxy/mod.ts";
import { define } from "../../../lib/state.ts";

/** Streams a batch's events. Resumes after the last event ID. */
export const handler = define.handlers({
  async GET(ctx) {
    const { account, services } = ctx.state;
    if (account === null) return new Response("Sign in first.\n", { status: 401 });
    const after = lastEventNumber(ctx.req.headers, ctx.url.searchParams);
    const opened = await services.batches.stream(account.id, ctx.params.id ?? "", after);
    return opened.status === "unknown"
      ? new Response("There is no such batch.\n", { status: 404 })
      : eventsResponse(opened);
  },
});
