import { define } from "../lib/state.ts";

/** Whether this process can serve. A store outage alone is no reason to restart it. */
export const handler = define.handlers({
  async GET(ctx) {
    const { store } = ctx.state.services;
    const answers = await store.responds();
    const { isStuck } = store.state;
    return Response.json(
      { status: isStuck ? "stuck" : "ok", store: answers ? "ok" : "away" },
      { status: isStuck ? 503 : 200 },
    );
  },
});
