import { pingKv } from "../lib/kv/open.ts";
import { define } from "../lib/state.ts";

export const handler = define.handlers({
  async GET(ctx) {
    const { kv, log } = ctx.state.services;
    try {
      await pingKv(kv);
      return Response.json({ status: "ok" });
    } catch (error) {
      log("error", "KV does not answer", { reason: String(error) });
      return Response.json({ status: "KV does not answer" }, { status: 503 });
    }
  },
});
