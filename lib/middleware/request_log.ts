/**
 * One line a request, and a name for it that error pages show.
 */
import { define } from "../state.ts";

/** Names the request and logs its route, status and time; paths carry run ids but never secrets. */
export const requestLog = define.middleware(async (ctx) => {
  const { log } = ctx.state.services;
  ctx.state.requestId = crypto.randomUUID().slice(0, 8);
  const started = performance.now();
  let status = 500;
  try {
    const response = await ctx.next();
    status = response.status;
    return response;
  } finally {
    log(status >= 500 ? "error" : "debug", "request", {
      id: ctx.state.requestId,
      method: ctx.req.method,
      path: ctx.url.pathname,
      route: ctx.route,
      status,
      ms: Math.round(performance.now() - started),
    });
  }
});
