/**
 * Writes one log line for each request, with an id that error pages show.
 */
import type { Context } from "fresh";
import { define, type State } from "../state.ts";
import { isProbe } from "./requests.ts";
import { nameRequestSpan } from "../telemetry/mod.ts";

/** The longest logged path (characters): paths are written by the client. */
const PATH_CHARS = 200;
/** The longest logged method (characters). */
const METHOD_CHARS = 20;

/** Gives the request an id and logs its route, status and time. Paths contain run ids but no secrets. */
export const requestLog = define.middleware((ctx) =>
  // The request's key is removed from all of its log lines.
  ctx.state.services.requestSecrets.run(ctx.req, () => logged(ctx))
);

async function logged(ctx: Context<State>): Promise<Response> {
  const { log, figures } = ctx.state.services;
  ctx.state.requestId = crypto.randomUUID().slice(0, 8);
  const started = performance.now();
  let status = 500;
  try {
    const response = await ctx.next();
    status = response.status;
    return response;
  } finally {
    const { pathname } = ctx.url;
    const ms = performance.now() - started;
    figures.recordRequest(status, ms);
    nameRequestSpan(ctx.req.method, ctx.route);
    log(status >= 500 ? "error" : isProbe(pathname) ? "debug" : "info", "request", {
      id: ctx.state.requestId,
      method: (ctx.state.receivedMethod ?? ctx.req.method).slice(0, METHOD_CHARS),
      path: shown(pathname),
      route: ctx.route,
      status,
      ms: Math.round(ms),
    });
  }
}

/**
 * A share link gives access to its run, so it is a secret too. A long path is cut between its parts: half a key
 * would not be recognized.
 */
function shown(path: string): string {
  const logged = path.replace(/^(\/+s\/+)[^/]+/i, "$1…");
  return logged.length <= PATH_CHARS ? logged : logged.slice(0, PATH_CHARS).replace(/[^/]*$/, "…");
}
