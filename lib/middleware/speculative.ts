/**
 * Requests that a browser, a proxy or a link scanner makes without a user's action: HEAD, and GETs that
 * are marked as prefetches. A sign-in code works once, so such a request must not use it up.
 */
import { define } from "../state.ts";

/** Headers that mark a prefetch or a preview. The first is the current one (Fetch, section 3.6). */
const PURPOSE = ["sec-purpose", "purpose", "x-purpose", "x-moz"] as const;

/** Whether a request is speculative. */
export function isSpeculative({ method, headers }: Request): boolean {
  return method === "HEAD" ||
    PURPOSE.some((name) => /\b(?:prefetch|prerender|preview)\b/i.test(headers.get(name) ?? ""));
}

/**
 * Answers speculative GETs without running the route. The status makes browsers drop what they
 * prefetched and ask again when the link is followed.
 */
export const notAhead = define.middleware((ctx) => {
  const { method } = ctx.req;
  if ((method !== "GET" && method !== "HEAD") || !isSpeculative(ctx.req)) return ctx.next();
  return method === "HEAD"
    ? new Response(null, { status: 204 })
    : new Response("Open this address to go on.\n", {
      status: 503,
      headers: { vary: "Sec-Purpose" },
    });
});
