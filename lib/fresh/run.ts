/**
 * One request's run through its chain of middlewares: where it is, and what it will be rendered in.
 */
import type { Attached } from "./attached.ts";
import type { Context } from "./context.ts";
import type { LayoutConfig, Middleware, PageComponent } from "./types.ts";

/** A layout and what it asks for. */
export interface Layout<State> {
  component: PageComponent<State>;
  config?: LayoutConfig;
}

/** What a page is rendered in: the app wrapper and the layouts, outermost first. */
export interface Wrappers<State> {
  app: PageComponent<State> | null;
  layouts: readonly Layout<State>[];
}

/** A link of a chain, and what it renders in. */
export interface Step<State> {
  run: Middleware<State>;
  wrappers: Wrappers<State>;
}

/** The state of one request that only the framework sees. */
export class Run<State> {
  /** Content-Security-Policy by nonce: set by `csp()` before anything is rendered. */
  nonce: string | null = null;
  /** The last response that was rendered: it alone carries the nonce. */
  rendered: Response | null = null;
  /** What `csp()` puts on a response that is made outside of it, because an error passed through. */
  protect: ((headers: Headers) => void) | null = null;
  /** The methods the route has, when the one asked for is not among them. */
  allow: string | null = null;
  /** The error that an error page shows. */
  shown: unknown = null;
  /** The route's own stylesheets. */
  css: readonly string[] = [];
  #at = 0;

  constructor(
    readonly chain: readonly Step<State>[],
    public wrappers: Wrappers<State>,
    readonly attached: Attached,
  ) {}

  /** Runs the next step; afterwards the place is as before, so that a middleware may try again. */
  async next(ctx: Context<State>): Promise<Response> {
    const at = this.#at;
    const step = this.chain[at];
    if (step === undefined) throw new Error("ctx.next() was called by the last handler");
    const outer = this.wrappers;
    this.#at = at + 1;
    this.wrappers = step.wrappers;
    try {
      // A lazy middleware is a function that gives the function.
      let response: unknown = await step.run(ctx);
      if (typeof response === "function") response = await response(ctx);
      if (!(response instanceof Response)) {
        throw new TypeError(
          `A handler or middleware of ${ctx.route ?? ctx.url.pathname} returned no Response`,
        );
      }
      return response;
    } finally {
      this.#at = at;
      this.wrappers = outer;
    }
  }
}
