/**
 * The types an application writes against: the context, handlers, pages, middlewares and their
 * configuration. Everything else in `lib/fresh` builds on this file.
 */
import type { ComponentChild, FunctionComponent, VNode } from "preact";

/** The request methods that a route can answer. */
export type Method = "GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE" | "OPTIONS";

/** Loads a value when it is first needed. */
export type Lazy<T> = () => Promise<T>;

/** A value, or a function that loads it. */
export type MaybeLazy<T> = T | Lazy<T>;

/** The options of `new App()`. */
export interface FreshConfig {
  /** Path under which the whole app is served, such as `/app`. Default: the root. */
  basePath?: string;
  /** `development` turns on the reload script and readable error pages. Default: `production`. */
  mode?: "development" | "production";
  /** Reads protocol and host of `ctx.url` from `X-Forwarded-Proto` and `-Host`. Default: false. */
  trustProxy?: boolean;
}

/** The configuration with every default filled in. */
export interface ResolvedFreshConfig {
  /** The directory the app was built from. */
  root: string;
  basePath: string;
  mode: "development" | "production";
  trustProxy: boolean;
}

/** The options of `app.listen()`: those of `Deno.serve`. */
export interface ListenOptions extends Partial<Deno.ServeTcpOptions> {
  /** PEM certificate; set it together with `key` to serve HTTPS. */
  cert?: string;
  /** The certificate's private key, PEM. */
  key?: string;
}

/** Options of `ctx.render`. */
export interface RenderOptions {
  /** Renders without `_app`. */
  skipAppWrapper?: boolean;
  /** Renders without any `_layout`. */
  skipInheritedLayouts?: boolean;
}

/**
 * A request on its way through the app. Middlewares and the route share one context.
 *
 * @example
 * ```ts
 * import { App } from "fresh";
 * const app = new App<{ started: number }>()
 *   .use((ctx) => {
 *     ctx.state.started = Date.now();
 *     return ctx.next();
 *   })
 *   .get("/hello/:name", (ctx) => ctx.text(`Hello ${ctx.params.name}`));
 * ```
 */
export interface Context<State> {
  /** The request as it arrived. */
  readonly req: Request;
  /** The request's URL. With `trustProxy`, protocol and host are those that the client used. */
  readonly url: URL;
  /** The decoded values of the route's parameters. A parameter that matched nothing is `""`. */
  params: Record<string, string>;
  /** The pattern of the matched route, or null. */
  route: string | null;
  /** Values that middlewares pass on; starts as `{}`. */
  readonly state: State;
  readonly config: ResolvedFreshConfig;
  /** The connection, from `Deno.serve`. */
  readonly info: Deno.ServeHandlerInfo;
  /** Whether the request asks for a partial. Partials are not implemented, so no link does. */
  readonly isPartial: boolean;
  /** The thrown value, in an error handler. */
  error: unknown;
  /** The data that the route's handler returned for its page. */
  data: unknown;
  /** The content to wrap, in layouts and the app wrapper. */
  Component: FunctionComponent;

  /** Runs the rest of the chain and returns its response. Throws what the rest throws. */
  next(): Promise<Response>;
  /**
   * Redirects. Collapses runs of slashes in a path, so that a path made from user input
   * (`//evil.example`) cannot lead to another site. Absolute URLs are left alone. Default status: 302.
   */
  redirect(pathOrUrl: string, status?: number): Response;
  /**
   * Renders a page inside the app wrapper and the layouts that apply here. Defaults: status 200,
   * `text/html; charset=utf-8`. Rejects when given no element.
   */
  render(vnode: VNode | null, init?: ResponseInit, options?: RenderOptions): Promise<Response>;
  /** Responds with plain text. */
  text(content: string, init?: ResponseInit): Response;
  /** Responds with HTML, without wrapping it. */
  html(content: string, init?: ResponseInit): Response;
  /** Responds with JSON. */
  json(content: unknown, init?: ResponseInit): Response;
  /** Streams strings (as UTF-8) or bytes. Closes the iterator when the client disconnects. */
  stream<T extends string | Uint8Array>(
    source: Iterable<T> | AsyncIterable<T> | (() => Iterable<T> | AsyncIterable<T>),
    init?: ResponseInit,
  ): Response;
}

/** Runs before the route and sees its response. */
export type Middleware<State> = (ctx: Context<State>) => Response | Promise<Response>;

/** A handler's result that renders the route's component with `data`. */
export interface PageResponse<Data> {
  data: Data;
  headers?: HeadersInit;
  status?: number;
}

/** Answers a request, or returns the data for the route's component. */
export type HandlerFn<Data, State> = (
  ctx: Context<State>,
) => Response | PageResponse<Data> | Promise<Response | PageResponse<Data>>;

/** One handler per method. `HEAD` falls back to `GET`; `OPTIONS` lists the others by default. */
export type HandlerByMethod<Data, State> = { [M in Method]?: HandlerFn<Data, State> };

/** A route's handler: one function for all methods, or one per method. */
export type RouteHandler<Data, State> = HandlerFn<Data, State> | HandlerByMethod<Data, State>;

type DataOf<Fn> = Fn extends (...args: never[]) => infer Result
  ? Extract<Awaited<Result>, { data: unknown }> extends infer Page
    ? Page extends { data: infer Data } ? Data : never
  : never
  : never;

/** The `data` that a route's handlers pass to its component. */
export type RouteData<Handler> = Handler extends (...args: never[]) => unknown ? DataOf<Handler>
  : { [Name in keyof Handler]: DataOf<Handler[Name]> }[keyof Handler];

/** The props of a page, a layout and the app wrapper. */
export type PageProps<Data = unknown, State = unknown> =
  & Pick<
    Context<State>,
    | "config"
    | "url"
    | "req"
    | "params"
    | "info"
    | "state"
    | "isPartial"
    | "Component"
    | "error"
    | "route"
  >
  & { data: Data };

/**
 * A component of a route, layout or app. Only these may be async, and an async one may return a
 * Response. (`never` as the data accepts every page, whatever data it takes.)
 */
export type PageComponent<State, Data = never> = (
  props: PageProps<Data, State>,
) => ComponentChild | Response | Promise<ComponentChild | Response>;

/** The `config` export of a layout module. */
export interface LayoutConfig {
  /** Pages inside this layout render without `_app`. */
  skipAppWrapper?: boolean;
  /** Pages inside this layout render without the layouts around it. */
  skipInheritedLayouts?: boolean;
}

/** The `config` export of a route module. */
export interface RouteConfig extends RenderOptions {
  /** Replaces the pattern of the file's path. */
  routeOverride?: string;
}

/** A route: a component, a handler or both. */
export interface Route<State> {
  component?: PageComponent<State>;
  handler?: RouteHandler<unknown, State>;
  config?: RouteConfig;
  /** URLs of the route's own stylesheets. */
  css?: string[];
  /** Whether the islands that its pages can render were loaded with it. */
  loadsIslands?: boolean;
}
