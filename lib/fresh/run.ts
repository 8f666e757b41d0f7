/**
 * One request's run through its chain of middlewares, with the state that only the framework sees.
 */
import type { Attached } from "./attached.ts";
import type { Context, LayoutConfig, Middleware, PageComponent } from "./types.ts";

/** A layout and its configuration. */
export interface Layout<State> {
  component: PageComponent<State>;
  config?: LayoutConfig;
}

/** The app wrapper and the layouts around a page, outermost first. */
export interface Wrappers<State> {
  app: PageComponent<State> | null;
  layouts: readonly Layout<State>[];
}

/** A link of a chain, and the wrappers of the pages it renders. */
export interface Step<State> {
  run: Middleware<State>;
  wrappers: Wrappers<State>;
}

/**
 * The nonce of each rendered response. A map beside the runs: a run that held its response would keep
 * both past the garbage collector's first pass, which halves the requests per second.
 */
export const nonces = new WeakMap<Response, string>();

/** The framework's state for one request. */
export class Run<State> {
  /** The nonce for scripts and styles. `csp()` sets it before anything renders. */
  nonce: string | null = null;
  /** Sets the policy of `csp()` on a response made outside of it, after an error passed through. */
  protect: ((headers: Headers) => void) | null = null;
  /** The value of `Allow`, if the route lacks the requested method. */
  allow: string | null = null;
  /** The error that an error page shows. */
  shown: unknown = null;
  /** The route's own stylesheets. */
  css: readonly string[] = [];
  /** Whether the islands that the page can render are loaded. */
  hasIslands = false;
  #at = 0;

  constructor(
    readonly chain: readonly Step<State>[],
    public wrappers: Wrappers<State>,
    readonly attached: Attached,
  ) {}

  /** Runs the next step, then restores the position, so that a middleware can call `next` again. */
  async next(ctx: Context<State>): Promise<Response> {
    const at = this.#at;
    const step = this.chain[at];
    if (step === undefined) throw new Error("ctx.next() was called by the last handler");
    const outer = this.wrappers;
    this.#at = at + 1;
    this.wrappers = step.wrappers;
    try {
      // A lazy middleware returns the middleware to run.
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
