/**
 * The types an application writes against: handlers, pages, middlewares and their configuration.
 */
import type { ComponentChild, FunctionComponent } from "preact";
import type { Context } from "./context.ts";

/** The request methods that routes can answer. */
export type Method = "GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE" | "OPTIONS";

/** A value that is loaded when it is first needed. */
export type Lazy<T> = () => Promise<T>;

/** A value, or how to load it. */
export type MaybeLazy<T> = T | Lazy<T>;

/** What `new App()` takes. */
export interface FreshConfig {
  /** Path under which the whole app lives, such as `/app`. Default: the root. */
  basePath?: string;
  /** `development` turns on the reload script and readable error pages. Default: `production`. */
  mode?: "development" | "production";
  /** Takes protocol and host of `ctx.url` from `X-Forwarded-Proto` and `-Host`. Default: false. */
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

/** What `app.listen()` takes: the options of `Deno.serve`. */
export interface ListenOptions extends Partial<Deno.ServeTcpOptions> {
  /** A PEM certificate, together with `key`: serves HTTPS. */
  cert?: string;
  /** The certificate's private key, PEM. */
  key?: string;
}

/** Sees a request before the route does and its response after it. */
export type Middleware<State> = (ctx: Context<State>) => Response | Promise<Response>;

/** @deprecated The name of Fresh 1; use {@link Middleware}. */
export type MiddlewareFn<State> = Middleware<State>;

/** What a handler returns to have the route's component rendered with `data`. */
export interface PageResponse<Data> {
  data: Data;
  headers?: HeadersInit;
  status?: number;
}

/** Answers a request, or gives the data that the route's component renders. */
export type HandlerFn<Data, State> = (
  ctx: Context<State>,
) => Response | PageResponse<Data> | Promise<Response | PageResponse<Data>>;

/** One handler per method; `HEAD` falls back to `GET`, `OPTIONS` is answered from the others. */
export type HandlerByMethod<Data, State> = { [M in Method]?: HandlerFn<Data, State> };

/** A route's handler: one function for all methods, or one per method. */
export type RouteHandler<Data, State> = HandlerFn<Data, State> | HandlerByMethod<Data, State>;

type DataOf<Fn> = Fn extends (...args: never[]) => infer Result
  ? Extract<Awaited<Result>, { data: unknown }> extends infer Page
    ? Page extends { data: infer Data } ? Data : never
  : never
  : never;

/** The `data` that a route's handlers hand to its component. */
export type RouteData<Handler> = Handler extends (...args: never[]) => unknown ? DataOf<Handler>
  : { [Name in keyof Handler]: DataOf<Handler[Name]> }[keyof Handler];

/** What a page, a layout and the app wrapper receive. */
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
 * A component of a route, layout or app: only there may it be async, and then answer with a Response.
 * (`never` as the data lets every page pass, whatever data it takes.)
 */
export type PageComponent<State, Data = never> = (
  props: PageProps<Data, State>,
) => ComponentChild | Response | Promise<ComponentChild | Response>;

/** What a route module may export as `config`. */
export interface RouteConfig {
  /** A pattern that replaces the one of the file's path. */
  routeOverride?: string;
  /** Renders without `_app`. */
  skipAppWrapper?: boolean;
  /** Renders without any `_layout`. */
  skipInheritedLayouts?: boolean;
  /** Known to Fresh for lazy routes; here the module itself says it. */
  methods?: "ALL" | Method[];
}

/** What a layout module may export as `config`. */
export interface LayoutConfig {
  /** Pages inside this layout render without `_app`. */
  skipAppWrapper?: boolean;
  /** Pages inside this layout render without the layouts around it. */
  skipInheritedLayouts?: boolean;
}

/** A route: a component, a handler or both. */
export interface Route<State> {
  component?: PageComponent<State>;
  handler?: RouteHandler<unknown, State>;
  config?: RouteConfig;
  /** Stylesheets for this route, as URLs. */
  css?: string[];
}

/** An island as the build knows it. */
export interface Island {
  /** The name it has in messages. */
  name: string;
  /** The export of its module. */
  exportName: string;
  fn: FunctionComponent<never>;
  /** URL of its chunk, base path not included. */
  url: string;
  /** Every chunk it needs, its own included. */
  chunks: readonly string[];
}
