import { readBody } from "../../lib/base/mod.ts";
import { define } from "../../lib/state.ts";

/**
 * Signed API notifications (Standard Webhooks). The only post that does not come from our pages: it is
 * authenticated by its signature, not by a session.
 */
export const handler = define.handlers({
  async POST(ctx) {
    const body = await readBody(ctx.req);
    if (!body.ok) return respond(body.status, "The body is too large or arrived too slowly");
    const outcome = await ctx.state.services.webhook(ctx.req.headers, body.bytes);
    switch (outcome.state) {
      case "malformed":
        return respond(400, outcome.message);
      case "refused":
        return respond(401, "The signature is invalid: check the webhook secret and the clock");
      case "later":
        return respond(503, "The API did not report on this run: deliver this again later");
      default:
        return respond(200, outcome.state);
    }
  },
});

function respond(status: number, message: string): Response {
  return Response.json({ message }, { status });
}
