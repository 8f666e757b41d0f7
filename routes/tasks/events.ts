import { eventsResponse, lastEventId } from "../../lib/proxy/mod.ts";
import { define } from "../../lib/state.ts";

/** The changes to the account's list, as a stream that resumes by its last event ID. */
export const handler = define.handlers({
  async GET(ctx) {
    const { account, services } = ctx.state;
    if (account === null) return new Response("Sign in first.\n", { status: 401 });
    // A key that is no longer accepted may not see changes: 204 stops the stream.
    if (account.refusedMs !== null) return new Response(null, { status: 204 });
    const after = lastEventId(ctx.req.headers, ctx.url.searchParams);
    return eventsResponse(await services.histories.streams.open(account.id, after));
  },
});
