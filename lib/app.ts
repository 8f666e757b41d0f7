/**
 * The app: middlewares around the routes, for given services. `main.ts` serves it; tests call it.
 */
import { App, staticFiles } from "fresh";
import { lastResort } from "./middleware/last_resort.ts";
import { requestLimit } from "./middleware/limits.ts";
import { requestLog } from "./middleware/request_log.ts";
import { contentSecurityPolicy, securityHeaders } from "./middleware/security.ts";
import { session } from "./middleware/session.ts";
import type { Services } from "./services.ts";
import { define, type State } from "./state.ts";

/** The whole app. */
export function createApp(services: Services): App<State> {
  const provide = define.middleware((ctx) => {
    ctx.state.services = services;
    ctx.state.secure = (services.config.publicUrl ?? ctx.url.origin).startsWith("https:");
    return ctx.next();
  });
  return new App<State>({ trustProxy: services.config.trustProxy > 0 })
    .use(provide, requestLog, securityHeaders, contentSecurityPolicy)
    .use(lastResort)
    .use(requestLimit)
    .use(staticFiles())
    .use(session)
    .fsRoutes();
}
