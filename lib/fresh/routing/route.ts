/**
 * The end of a chain: runs a route's handler or component, or answers with the methods it has.
 */
import { runOf } from "../context.ts";
import { renderComponent } from "../render/response.ts";
import { HttpError } from "../runtime.ts";
import type { Context, HandlerFn, Method, PageResponse, Route } from "../types.ts";

/** The methods that a route can answer, in the order of `Allow`. */
export const METHODS: readonly Method[] = [
  "GET",
  "HEAD",
  "POST",
  "PUT",
  "PATCH",
  "DELETE",
  "OPTIONS",
];

/**
 * Runs a route for the context's method. Error pages answer `anyMethod`. `also` lists the methods that
 * the path has besides the route's.
 */
export async function runRoute<State>(
  route: Route<State>,
  ctx: Context<State>,
  { status = 200, anyMethod = false, also = [] as readonly string[] } = {},
): Promise<Response> {
  const { component } = route;
  const fn = handlerFor(route, ctx.req.method) ?? (anyMethod ? handlerFor(route, "GET") : null);
  const run = runOf(ctx);
  run.css = route.css ?? [];
  run.hasIslands ||= route.loadsIslands ?? false;
  if (fn !== null) {
    const result = await fn(ctx);
    if (result instanceof Response) return result;
    if (!isPage(result)) {
      throw new TypeError(`The handler of ${ctx.route} returned neither a Response nor page()`);
    }
    if (!component) {
      throw new TypeError(`The handler of ${ctx.route} returned page(), but there is no component`);
    }
    ctx.data = result.data;
    const init = { status: result.status ?? status, headers: result.headers };
    return renderComponent(ctx, run, component, init, route.config);
  }
  // A component without a handler answers GET and HEAD only.
  if (component && (anyMethod || SAFE.has(ctx.req.method))) {
    ctx.data = {};
    return renderComponent(ctx, run, component, { status }, route.config);
  }
  return refuse(ctx, new Set([...methodsOf(route), ...also]));
}

const SAFE: ReadonlySet<string> = new Set(["GET", "HEAD"]);

function handlerFor<State>(
  { handler }: Route<State>,
  method: string,
): HandlerFn<unknown, State> | null {
  if (handler === undefined) return null;
  if (typeof handler === "function") return handler;
  const own = METHODS.find((known) => known === method);
  const found = own === undefined ? undefined : handler[own];
  return found ?? (method === "HEAD" ? handler.GET : undefined) ?? null;
}

function isPage(result: unknown): result is PageResponse<unknown> {
  return typeof result === "object" && result !== null && "data" in result;
}

function methodsOf<State>({ handler, component }: Route<State>): Set<string> {
  const methods = new Set<string>();
  if (component) methods.add("GET");
  if (typeof handler === "object") {
    for (const method of METHODS) if (handler[method]) methods.add(method);
  }
  return methods;
}

/**
 * Answers a method that a route lacks: OPTIONS with the methods it has, others with 405. Unknown methods
 * get 405 too: 501 would report the client's mistake as a failure of the server.
 */
export function refuse<State>(ctx: Context<State>, methods: Set<string>): Response {
  const { method } = ctx.req;
  if (methods.has("GET")) methods.add("HEAD");
  methods.add("OPTIONS");
  const allow = METHODS.filter((known) => methods.has(known)).join(", ");
  if (method === "OPTIONS") return new Response(null, { status: 204, headers: { allow } });
  // The handler adds `Allow` to whatever response the error becomes (RFC 9110, 15.5.6).
  runOf(ctx).allow = allow;
  throw new HttpError(405);
}
