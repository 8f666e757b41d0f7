import { define } from "../lib/state.ts";

export const handler = define.handlers({
  async GET(ctx) {
    const { kv, log } = ctx.state.services;
    try {
      await kv.get(["schema"]);
      return Response.json({ status: "ok" });
    } catch (error) {
      log("error", "KV does not answer", { reason: String(error) });
      return Response.json({ status: "KV does not answer" }, { status: 503 });
    }
  },
});
