/** The figures for Prometheus, which authenticates with a bearer token. */
import { HttpError } from "fresh";
import { define } from "../../lib/state.ts";
import { PROMETHEUS_TYPE, prometheusText } from "../../lib/telemetry/mod.ts";

export const handler = define.handlers({
  async GET(ctx) {
    const { admin, figures } = ctx.state.services;
    if (admin === null) throw new HttpError(404);
    if (!await admin.allows(ctx.req.headers)) {
      return new Response("ADMIN_TOKEN is needed, as a bearer token\n", {
        status: 401,
        headers: { "www-authenticate": 'Bearer realm="admin"', "content-type": "text/plain" },
      });
    }
    return new Response(prometheusText(figures.list()), {
      headers: { "content-type": PROMETHEUS_TYPE },
    });
  },
});
