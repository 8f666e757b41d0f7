/**
 * The context object of a request, and how the framework finds its {@link Run}.
 */
import type { ComponentChild, FunctionComponent, VNode } from "preact";
import { renderResponse } from "./render/response.ts";
import { responseOf, streamOf } from "./respond.ts";
import type { Run } from "./run.ts";
import type { Context, RenderOptions, ResolvedFreshConfig } from "./types.ts";

/** The one implementation of {@link Context}. */
export class RequestContext<State> implements Context<State> {
  readonly state: State = {} as State;
  readonly isPartial: boolean;
  error: unknown = null;
  data: unknown = undefined;
  Component: FunctionComponent = () => null;
  readonly #run: Run<State>;

  constructor(
    readonly req: Request,
    readonly url: URL,
    public params: Record<string, string>,
    public route: string | null,
    readonly config: ResolvedFreshConfig,
    readonly info: Deno.ServeHandlerInfo,
    run: Run<State>,
  ) {
    this.#run = run;
    this.isPartial = url.search !== "" && url.searchParams.has("fresh-partial");
  }

  static runOf<State>(ctx: Context<State>): Run<State> {
    if (!(ctx instanceof RequestContext)) {
      throw new TypeError("The framework did not make this context");
    }
    return ctx.#run;
  }

  next(): Promise<Response> {
    return this.#run.next(this);
  }

  redirect(pathOrUrl: string, status = 302): Response {
    let location = pathOrUrl;
    if (location.startsWith("/")) {
      const end = location.search(/[?#]/);
      const path = end === -1 ? location : location.slice(0, end);
      // Browsers read a backslash as a slash.
      location = path.replace(/^[/\\]+|\/{2,}/g, "/") + (end === -1 ? "" : location.slice(end));
    }
    return new Response(null, { status, headers: { location } });
  }

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
    return renderResponse(this, this.#run, vnode as ComponentChild, init, options);
  }

  text(content: string, init?: ResponseInit): Response {
    return responseOf(this.req, content, init, "text/plain;charset=UTF-8");
  }

  html(content: string, init?: ResponseInit): Response {
    return responseOf(this.req, content, init, "text/html; charset=utf-8");
  }

  json(content: unknown, init?: ResponseInit): Response {
    return responseOf(this.req, JSON.stringify(content), init, "application/json");
  }

  stream<T extends string | Uint8Array>(
    source: Iterable<T> | AsyncIterable<T> | (() => Iterable<T> | AsyncIterable<T>),
    init?: ResponseInit,
  ): Response {
    return new Response(streamOf(typeof source === "function" ? source() : source), init);
  }
}

/** Returns the framework's state for a context's request. */
export const runOf = RequestContext.runOf;
