/**
 * Helpers for route modules: `createDefine` for types, `page` for data.
 */
import type { ComponentChild } from "preact";
import type { Middleware, PageProps, PageResponse, RouteData, RouteHandler } from "./types.ts";

type Rendered = ComponentChild | Response | Promise<ComponentChild | Response>;

/** Typed helpers for one kind of state. */
export interface Define<State> {
  /** Types a route's handler: a function, or one per method. */
  handlers<Handler extends RouteHandler<unknown, State>>(handlers: Handler): Handler;
  /** Types a page. `define.page<typeof handler>` gives it the handler's data. */
  page<Handler = never, Data = [Handler] extends [never] ? unknown : RouteData<Handler>>(
    component: (props: PageProps<Data, State>) => Rendered,
  ): (props: PageProps<Data, State>) => Rendered;
  /** Types a layout or the app wrapper. */
  layout(
    component: (props: PageProps<unknown, State>) => Rendered,
  ): (props: PageProps<unknown, State>) => Rendered;
  /** Types a middleware, or a list of them. */
  middleware<M extends Middleware<State> | Middleware<State>[]>(middleware: M): M;
}

/**
 * Makes typed helpers for an app's state. At run time they return their argument.
 *
 * @example
 * ```ts
 * import { createDefine } from "fresh";
 * const define = createDefine<{ user: string }>();
 * export const logged = define.middleware((ctx) => {
 *   ctx.state.user = "ada";
 *   return ctx.next();
 * });
 * ```
 */
export function createDefine<State>(): Define<State> {
  return {
    handlers: (handlers) => handlers,
    page: (component) => component,
    layout: (component) => component,
    middleware: (middleware) => middleware,
  };
}

/**
 * Renders the route's component with `data` (undefined by default), a status and headers.
 *
 * @example
 * ```ts
 * import { page } from "fresh";
 * export const handler = { GET: () => page({ title: "Hello" }, { status: 201 }) };
 * ```
 */
export function page(): PageResponse<undefined>;
export function page<Data>(
  data: Data,
  options?: { headers?: HeadersInit; status?: number },
): PageResponse<Data>;
export function page(
  data?: unknown,
  options?: { headers?: HeadersInit; status?: number },
): PageResponse<unknown> {
  return { data, headers: options?.headers, status: options?.status };
}
