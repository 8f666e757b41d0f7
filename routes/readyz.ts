import { define } from "../lib/state.ts";

/** Whether this process should get new requests. */
export const handler = define.handlers({
  async GET(ctx) {
    const { draining, store } = ctx.state.services;
    if (draining) return Response.json({ status: "draining" }, { status: 503 });
    return await store.responds()
      ? Response.json({ status: "ok" })
      : Response.json({ status: "the store does not answer" }, { status: 503 });
  },
});
