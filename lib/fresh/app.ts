/**
 * The app: what is registered, in the order it was.
 */
import { type Attached, UNBUILT } from "./attached.ts";
import type { Context } from "./context.ts";
import { createHandler } from "./handle.ts";
import { listen } from "./listen.ts";
import { checkHandler } from "./routing/fs.ts";
import { METHODS } from "./routing/route.ts";
import type {
  FreshConfig,
  LayoutConfig,
  ListenOptions,
  MaybeLazy,
  Method,
  Middleware,
  PageComponent,
  ResolvedFreshConfig,
  Route,
  RouteConfig,
} from "./types.ts";

/** A middleware, or an async function that resolves to one. */
export type MaybeLazyMiddleware<State> = (
  ctx: Context<State>,
) => Response | Promise<Response | Middleware<State>>;

/** Something registered on an app. */
export type Item<State> =
  | { kind: "use"; path: string; middlewares: Middleware<State>[] }
  | { kind: "handle"; path: string; methods: readonly Method[]; chain: Middleware<State>[] }
  | { kind: "route"; path: string; load: () => Promise<Route<State>> }
  | { kind: "layout"; path: string; component: PageComponent<State>; config?: LayoutConfig }
  | { kind: "app"; component: PageComponent<State> }
  | { kind: "error"; path: string; route: Route<State> }
  | { kind: "notFound"; route: Route<State> }
  | { kind: "files"; under: string };

let attachments: <State>(app: App<State>, attached: Attached) => void;

/** Gives a build to an app; handlers made before do not have it. Not for applications. */
export function attach<State>(app: App<State>, attached: Attached): void {
  attachments(app, attached);
}

/**
 * An app: middlewares and routes in the order they are registered. What is registered after a route
 * does not apply to it.
 *
 * Paths are URLPattern pathnames: `/tasks/:id`, `/files/:path*`, `/about`. Exact paths win over
 * patterns, patterns are tried in order.
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

  /** Registers middlewares, for every route or for a path and everything below it. */
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

  /** Answers GET, and HEAD without the body. */
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

  /** Answers HEAD with a handler of its own. */
  head(path: string, ...chain: MaybeLazyMiddleware<State>[]): this {
    return this.#handle(["HEAD"], path, chain);
  }

  /** Answers every method. */
  all(path: string, ...chain: MaybeLazyMiddleware<State>[]): this {
    return this.#handle(METHODS, path, chain);
  }

  /** Registers a route as a file of `routes/` would: a component, a handler or both. */
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

  /** Wraps the pages at a path and below. */
  layout(path: string, component: PageComponent<State>, config?: LayoutConfig): this {
    return this.#add({ kind: "layout", path, component, config });
  }

  /** Wraps every page; there is one, the last registered. */
  appWrapper(component: PageComponent<State>): this {
    return this.#add({ kind: "app", component });
  }

  /** Renders what is thrown at a path and below. */
  onError(path: string, route: Route<State> | Middleware<State>): this {
    return this.#add({ kind: "error", path, route: asRoute(route) });
  }

  /** Answers every 404: no route, or a thrown `HttpError(404)`. */
  notFound(route: Route<State> | Middleware<State>): this {
    return this.#add({ kind: "notFound", route: asRoute(route) });
  }

  /** Puts the routes of the build's `routes/` here in the order; under a path other than `*`, below it. */
  fsRoutes(pattern = "*"): this {
    return this.#add({ kind: "files", under: pattern.replace(/\/?\*$/, "").replace(/\/$/, "") });
  }

  /** Makes the function that answers requests. What is registered afterwards is not in it. */
  handler(): (request: Request, info?: Deno.ServeHandlerInfo) => Promise<Response> {
    return createHandler([...this.#items], this.config, this.#attached);
  }

  /** Serves on a port: the given one, else the first free one of 8000 to 8019. Resolves when the server has ended. */
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
