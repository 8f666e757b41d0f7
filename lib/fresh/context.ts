/**
 * The context: one object per request, handed from middleware to middleware to the route.
 */
import type { ComponentChild, FunctionComponent, VNode } from "preact";
import type { Run } from "./run.ts";
import { renderResponse } from "./render/response.ts";
import type { ResolvedFreshConfig } from "./types.ts";
import { responseOf, streamOf } from "./respond.ts";

/** How `ctx.render` wraps what it is given. */
export interface RenderOptions {
  /** Leaves `_app` out. */
  skipAppWrapper?: boolean;
  /** Leaves all layouts out. */
  skipInheritedLayouts?: boolean;
}

let runs: (ctx: Context<unknown>) => Run<unknown>;

/** What the framework knows about a context's request; not for applications. */
export function runOf<State>(ctx: Context<State>): Run<State> {
  // The type parameter of a context and of its run are one and the same.
  return runs(ctx as Context<unknown>) as unknown as Run<State>;
}

/**
 * A request on its way through the app.
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
export class Context<State> {
  /** The request as it came. */
  readonly req: Request;
  /** The request's URL, as the user sees it where `trustProxy` is on. */
  readonly url: URL;
  /** The values of the route's dynamic parts, decoded; those that matched nothing are `""`. */
  params: Record<string, string>;
  /** The pattern of the matched route, or null. */
  route: string | null;
  /** What middlewares hand on; starts as `{}`. */
  readonly state: State;
  readonly config: ResolvedFreshConfig;
  /** The connection, from `Deno.serve`. */
  readonly info: Deno.ServeHandlerInfo;
  /** Whether only a part of the page was asked for; partials are not implemented, so links ask for none. */
  readonly isPartial: boolean;
  /** In an error handler: what was thrown. */
  error: unknown = null;
  /** What the route's handler handed to its page. */
  data: unknown = undefined;
  /** In layouts and the app wrapper: what they wrap. */
  Component: FunctionComponent = () => null;
  readonly #run: Run<State>;

  static {
    runs = (ctx) => ctx.#run;
  }

  /** Made by the framework. */
  constructor(request: {
    req: Request;
    url: URL;
    params: Record<string, string>;
    route: string | null;
    config: ResolvedFreshConfig;
    info: Deno.ServeHandlerInfo;
    run: Run<State>;
  }) {
    this.req = request.req;
    this.url = request.url;
    this.params = request.params;
    this.route = request.route;
    this.config = request.config;
    this.info = request.info;
    this.#run = request.run;
    this.state = {} as State;
    this.isPartial = request.url.search !== "" && request.url.searchParams.has("fresh-partial");
  }

  /** Runs what comes after this middleware and gives its response; throws what that throws. */
  next(): Promise<Response> {
    return this.#run.next(this);
  }

  /**
   * A redirect, 302 unless told. In a path, runs of slashes are collapsed, so that a path made from
   * user input (`//evil.example`) cannot lead to another site; absolute URLs pass as they are.
   */
  redirect(pathOrUrl: string, status = 302): Response {
    let location = pathOrUrl;
    if (location.startsWith("/")) {
      const end = location.search(/[?#]/);
      const path = end === -1 ? location : location.slice(0, end);
      // A backslash is a slash to browsers.
      location = path.replace(/^[/\\]+|\/{2,}/g, "/") + (end === -1 ? "" : location.slice(end));
    }
    return new Response(null, { status, headers: { location } });
  }

  /**
   * Renders a page inside the app wrapper and the layouts that apply here. Status 200 and
   * `text/html; charset=utf-8` unless told otherwise.
   */
  // deno-lint-ignore require-await -- what rendering throws must reach the caller as a rejection
  async render(
    vnode: VNode | null,
    init?: ResponseInit,
    options?: RenderOptions,
  ): Promise<Response> {
    if (arguments.length === 0) throw new Error("ctx.render() needs an element to render");
    if (vnode !== null && (typeof vnode !== "object" || !("props" in vnode))) {
      throw new Error(`ctx.render() needs an element, not ${typeof vnode}`);
    }
    return renderResponse(this, vnode as ComponentChild, init, options);
  }

  /** A response of plain text. */
  text(content: string, init?: ResponseInit): Response {
    return responseOf(this.req, content, init, "text/plain;charset=UTF-8");
  }

  /** A response of HTML, as given: nothing is wrapped around it. */
  html(content: string, init?: ResponseInit): Response {
    return responseOf(this.req, content, init, "text/html; charset=utf-8");
  }

  /** A response of JSON. */
  json(content: unknown, init?: ResponseInit): Response {
    return responseOf(this.req, JSON.stringify(content), init, "application/json");
  }

  /** A streamed response of strings (sent as UTF-8) or bytes; the iterator is closed when the client goes. */
  stream<T extends string | Uint8Array>(
    source: Iterable<T> | AsyncIterable<T> | (() => Iterable<T> | AsyncIterable<T>),
    init?: ResponseInit,
  ): Response {
    return new Response(streamOf(typeof source === "function" ? source() : source), init);
  }
}
