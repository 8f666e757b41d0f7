/** The app: middlewares around the routes, for the given services. `main.ts` serves it; tests call it. */
import { App, staticFiles } from "fresh";
import {
  acceptsGzip,
  applyForwarded,
  bodyLimit,
  contentSecurityPolicy,
  createCompression,
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
    applyForwarded(ctx.url, ctx.req.headers, services.config.trustProxy);
    ctx.state.secure = (services.config.publicUrl ?? ctx.url.origin).startsWith("https:");
    return ctx.next();
  });
  const guard = createGuard();
  return new GuardedApp(guard.around)
    .use(provide, requestLog, createCompression(), securityHeaders, contentSecurityPolicy)
    .use(lastResort)
    .use(requestLimit)
    .use(guard.refuse)
    .use(bodyLimit)
    .use(files)
    .use(session)
    .use(streamLimit)
    .use(streamOwner)
    .use(largeViews)
    .fsRoutes();
}

type Handler = ReturnType<App<State>["handler"]>;

/**
 * Creates an app whose handler is protected wherever it is served: main.ts, `deno serve`, dev.ts or a test.
 */
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

/** Serves static files, only for paths that can name one. */
const files = define.middleware(async (ctx) => {
  const { config, req, url: { pathname } } = ctx;
  if (!isFilePath(pathname)) return ctx.next();
  const response = await serveFile(ctx);
  if (response.status !== 404) return response;
  return await previousScript(config.root, req, pathname) ?? response;
});

/** A script with a hash of its content in its name. */
const HASHED = /^\/_fresh\/js\/[\w-]{1,200}-(?:[\da-f]{12}|[\dA-Z]{8})\.js$/;

/**
 * A script of the previous build, or `null`. `lib/build/previous.ts` keeps these scripts: a page that was open
 * before a restart may still load some of them.
 */
async function previousScript(
  root: string,
  { headers, method }: Pick<Request, "headers" | "method">,
  pathname: string,
): Promise<Response | null> {
  if (!HASHED.test(pathname) || (method !== "GET" && method !== "HEAD")) return null;
  const read = (form: string) =>
    Deno.readFile(`${root}/_fresh/${form}${pathname}`).catch(() => null);
  const packed = acceptsGzip(headers) ? await read("gzip") : null;
  const script = packed ?? await read("static");
  if (script === null) return null;
  return new Response(method === "HEAD" ? null : script, {
    headers: {
      "content-type": "text/javascript; charset=utf-8",
      "cache-control": "public, max-age=31536000, immutable",
      "vary": "accept-encoding",
      ...(packed === null ? {} : { "content-encoding": "gzip" }),
    },
  });
}

/** The files of `static/`, which has no folders, and of the build. */
const FILE_PATH = /^\/(?:[\w-]{1,100}\.[\w.-]{1,100}|_fresh\/[\w/-]{1,200}\.js)$/;

/**
 * Returns whether a path can name a static file. In tests and development, Fresh 2.3.3 passes any path to
 * the file system and responds with 500 if that rejects the name (dev/dev_build_cache.ts,
 * MemoryBuildCache.readFile). It also serves the bundler's metafile, which lists the app's sources
 * (dev/esbuild.ts, bundleJs).
 */
export function isFilePath(pathname: string): boolean {
  return FILE_PATH.test(pathname);
}
