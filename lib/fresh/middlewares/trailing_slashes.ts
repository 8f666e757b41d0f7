/**
 * Gives every page one URL: with or without a slash at the end.
 */
import type { Middleware } from "../types.ts";

/**
 * Redirects (302) every path but `/` to its form with (`always`) or without (`never`) a slash at the
 * end. Keeps the query.
 *
 * @example
 * ```ts
 * import { App, trailingSlashes } from "fresh";
 * new App().use(trailingSlashes("never"));
 * ```
 */
export function trailingSlashes<State>(mode: "always" | "never"): Middleware<State> {
  return (ctx) => {
    const { pathname, search } = ctx.url;
    const slashed = pathname.endsWith("/");
    if (pathname === "/" || slashed === (mode === "always")) return ctx.next();
    const path = slashed ? pathname.replace(/(?<!\/)\/+$/, "") || "/" : `${pathname}/`;
    return ctx.redirect(path + search);
  };
}
