import { pingKv } from "../lib/kv/open.ts";
import { define } from "../lib/state.ts";

export const handler = define.handlers({
  async GET(ctx) {
    const { draining, kv } = ctx.state.services;
    if (draining) return Response.json({ status: "draining" }, { status: 503 });
    try {
      await pingKv(kv);
      return Response.json({ status: "ok" });
    } catch {
      return Response.json({ status: "KV does not answer" }, { status: 503 });
    }
  },
});
