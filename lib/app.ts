/**
 * The app: middlewares around the routes, for given services. `main.ts` serves it; tests call it.
 */
import { App, staticFiles } from "fresh";
import {
  asForwarded,
  contentSecurityPolicy,
  createGuard,
  largeViews,
  lastResort,
  requestLimit,
  requestLog,
  securityHeaders,
  session,
  streamLimit,
  streamOwner,
} from "./middleware/mod.ts";
import type { Services } from "./services.ts";
import { define, type State } from "./state.ts";

/** The whole app. */
export function createApp(services: Services): App<State> {
  const provide = define.middleware((ctx) => {
    ctx.state.services = services;
    asForwarded(ctx.url, ctx.req.headers, services.config.trustProxy);
    ctx.state.secure = (services.config.publicUrl ?? ctx.url.origin).startsWith("https:");
    return ctx.next();
  });
  const guard = createGuard();
  return new GuardedApp(guard.around)
    .use(provide, requestLog, securityHeaders, contentSecurityPolicy)
    .use(lastResort)
    .use(requestLimit)
    .use(guard.refuse)
    .use(files)
    .use(session)
    .use(streamLimit)
    .use(streamOwner)
    .use(largeViews)
    .fsRoutes();
}

type Handler = ReturnType<App<State>["handler"]>;

/** An app whose handler is guarded wherever it is served: by main.ts, `deno serve`, dev.ts or a test. */
class GuardedApp extends App<State> {
  readonly #around: (handler: Handler) => Handler;

  constructor(around: (handler: Handler) => Handler) {
    super();
    this.#around = around;
  }

  override handler(): Handler {
    return this.#around(super.handler());
  }
}

const serveFile = staticFiles<State>();

/** Static files, for paths that can name one. */
const files = define.middleware((ctx) =>
  isFilePath(ctx.url.pathname) ? serveFile(ctx) : ctx.next()
);

/** The files of `static/`, which has no folders, and of the build. */
const FILE_PATH = /^\/(?:[\w-]{1,100}\.[\w.-]{1,100}|_fresh\/[\w/-]{1,200}\.js)$/;

/**
 * Whether a path can name a static file. While it tests or develops, Fresh 2.3.3 asks the file system
 * for whatever a path says, and answers 500 where that refuses the name (dev/dev_build_cache.ts,
 * MemoryBuildCache.readFile). It also serves the metafile of its bundler, which lists the app's sources
 * (dev/esbuild.ts, bundleJs).
 */
export function isFilePath(pathname: string): boolean {
  return FILE_PATH.test(pathname);
}
