/**
 * The app: registers middlewares and routes in order, makes the handler, listens.
 */
import { type Attached, UNBUILT } from "./attached.ts";
import { createHandler } from "./handle.ts";
import type { Item } from "./routing/compile.ts";
import { checkHandler } from "./routing/fs.ts";
import { METHODS } from "./routing/route.ts";
import type {
  Context,
  FreshConfig,
  ListenOptions,
  MaybeLazy,
  Method,
  Middleware,
  ResolvedFreshConfig,
  Route,
  RouteConfig,
} from "./types.ts";

/** A middleware, or an async function that resolves to one. */
export type MaybeLazyMiddleware<State> = (
  ctx: Context<State>,
) => Response | Promise<Response | Middleware<State>>;

let attachments: <State>(app: App<State>, attached: Attached) => void;

/** Attaches a build to an app. Handlers made earlier do not have it. Not for applications. */
export function attach<State>(app: App<State>, attached: Attached): void {
  attachments(app, attached);
}

/**
 * An app: middlewares and routes in the order of registration. A middleware applies to the routes
 * registered after it.
 *
 * Paths are URLPattern pathnames: `/tasks/:id`, `/files/:path*`, `/about`. Exact paths win over
 * patterns. Patterns are tried in order.
 *
 * @example
 * ```ts
 * import { App } from "fresh";
 * const handler = new App().get("/", (ctx) => ctx.text("hello")).handler();
 * const response = await handler(new Request("http://localhost/"));
 * console.assert(await response.text() === "hello");
 * ```
 */
export class App<State> {
  /** The configuration with its defaults filled in. */
  readonly config: ResolvedFreshConfig;
  readonly #items: Item<State>[] = [];
  #attached: Attached = UNBUILT;

  static {
    attachments = (app, attached) => {
      app.#attached = attached;
    };
  }

  constructor(config: FreshConfig = {}) {
    this.config = {
      root: ".",
      basePath: (config.basePath ?? "").replace(/\/+$/, ""),
      mode: config.mode ?? "production",
      trustProxy: config.trustProxy ?? false,
    };
  }

  /** Registers middlewares for every route, or for a path and everything below it. */
  use(...middlewares: MaybeLazyMiddleware<State>[]): this;
  use(path: string, ...middlewares: MaybeLazyMiddleware<State>[]): this;
  use(
    first: string | MaybeLazyMiddleware<State>,
    ...rest: MaybeLazyMiddleware<State>[]
  ): this {
    const path = typeof first === "string" ? first : "*";
    const middlewares = (typeof first === "string" ? rest : [first, ...rest]) as Middleware<
      State
    >[];
    return this.#add({ kind: "use", path, middlewares });
  }

  /** Answers GET, and HEAD with the same headers. */
  get(path: string, ...chain: MaybeLazyMiddleware<State>[]): this {
    return this.#handle(["GET"], path, chain);
  }

  /** Answers POST. */
  post(path: string, ...chain: MaybeLazyMiddleware<State>[]): this {
    return this.#handle(["POST"], path, chain);
  }

  /** Answers PUT. */
  put(path: string, ...chain: MaybeLazyMiddleware<State>[]): this {
    return this.#handle(["PUT"], path, chain);
  }

  /** Answers PATCH. */
  patch(path: string, ...chain: MaybeLazyMiddleware<State>[]): this {
    return this.#handle(["PATCH"], path, chain);
  }

  /** Answers DELETE. */
  delete(path: string, ...chain: MaybeLazyMiddleware<State>[]): this {
    return this.#handle(["DELETE"], path, chain);
  }

  /** Answers every method. */
  all(path: string, ...chain: MaybeLazyMiddleware<State>[]): this {
    return this.#handle(METHODS, path, chain);
  }

  /** Registers a route like a file of `routes/`: a component, a handler or both. */
  route(path: string, route: MaybeLazy<Route<State>>, config?: RouteConfig): this {
    if (typeof route !== "function") checkHandler(route.handler, path);
    const load = typeof route === "function" ? route : () => Promise.resolve(route);
    return this.#add({
      kind: "route",
      path,
      load: async () => {
        const loaded = await load();
        return { ...loaded, config: { ...loaded.config, ...config } };
      },
    });
  }

  /** Renders errors thrown at a path and below. */
  onError(path: string, route: Route<State> | Middleware<State>): this {
    return this.#add({ kind: "error", path, route: asRoute(route) });
  }

  /** Answers every 404: a path without a route, or a thrown `HttpError(404)`. */
  notFound(route: Route<State> | Middleware<State>): this {
    return this.#add({ kind: "notFound", route: asRoute(route) });
  }

  /** Registers the routes of `routes/`, at the root (`*`) or below a path. */
  fsRoutes(pattern = "*"): this {
    return this.#add({ kind: "files", under: pattern.replace(/\/?\*$/, "").replace(/\/$/, "") });
  }

  /** Makes the function that answers requests. It ignores later registrations. */
  handler(): (request: Request, info?: Deno.ServeHandlerInfo) => Promise<Response> {
    return createHandler([...this.#items], this.config, this.#attached);
  }

  /** Serves on the given port, or the first free one of 8000 to 8019. Resolves when the server ends. */
  listen(options: ListenOptions = {}): Promise<void> {
    return listen(this.handler(), this.config.basePath, options);
  }

  #handle(methods: readonly Method[], path: string, chain: MaybeLazyMiddleware<State>[]): this {
    if (chain.length === 0) throw new TypeError(`No handler given for ${path}`);
    return this.#add({ kind: "handle", path, methods, chain: chain as Middleware<State>[] });
  }

  #add(item: Item<State>): this {
    this.#items.push(item);
    return this;
  }
}

function asRoute<State>(route: Route<State> | Middleware<State>): Route<State> {
  if (typeof route === "function") return { handler: route };
  checkHandler(route.handler, "An error route");
  return route;
}

const FIRST_PORT = 8000, LAST_PORT = 8019;

/**
 * Serves until the server ends. Without a port, tries 8000 to 8019. Throws `AddrInUse` if none is free.
 */
export async function listen(
  handler: (request: Request, info: Deno.ServeHandlerInfo) => Promise<Response>,
  basePath: string,
  options: ListenOptions,
): Promise<void> {
  const onListen = options.onListen ?? ((address: Deno.NetAddr) => announce(address, basePath));
  for (let port = options.port ?? FIRST_PORT;; port++) {
    try {
      return await Deno.serve({ ...options, port, onListen }, handler).finished;
    } catch (error) {
      const more = options.port === undefined && port < LAST_PORT;
      if (!(more && error instanceof Deno.errors.AddrInUse)) throw error;
    }
  }
}

function announce({ hostname, port }: Deno.NetAddr, basePath: string): void {
  const host = hostname === "0.0.0.0" || hostname === "::" ? "localhost" : hostname;
  const text = `Fresh is ready at http://${host}:${port}${basePath}/\n`;
  Deno.stdout.write(new TextEncoder().encode(text)).catch(() => {});
}
