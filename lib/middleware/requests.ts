import { isSpeculative } from "../base/mod.ts";
import { define } from "../state.ts";

/**
 * Restores the address that users see from the headers of trusted proxies. Fresh 2.3.3 cannot do this: it
 * keeps the port of the inner address (src/app.ts, handler: `url.host = host`) and supports one proxy only.
 */
/** Changes `url` to the address that the proxies received. `hops` is the number of trusted proxies. */
export function applyForwarded(url: URL, headers: Headers, hops: number): void {
  if (hops === 0) return;
  const proto = entryFor(headers.get("x-forwarded-proto"), hops);
  if (proto === "http" || proto === "https") url.protocol = `${proto}:`;
  const host = entryFor(headers.get("x-forwarded-host"), hops);
  if (host === undefined || URL.parse(`http://${host}/`)?.pathname !== "/") return;
  url.port = "";
  url.host = host;
}

/** Each proxy appends to the list or replaces it. Entries before those of our proxies come from the client. */
function entryFor(list: string | null, hops: number): string | undefined {
  const values = list?.split(",").map((value) => value.trim()) ?? [];
  return (values.at(-hops) ?? values[0]) || undefined;
}

/**
 * Health probes. Limits and sessions skip them: after a refusal, or a wait for the store, an orchestrator would
 * restart a server that is only busy, and its data in memory would be lost.
 */
const PROBES = new Set(["/healthz", "/readyz"]);

/** Whether a path is a health probe's. */
export function isProbe(pathname: string): boolean {
  return PROBES.has(pathname);
}

/**
 * Responds to speculative GETs without running the route. The status makes browsers discard the response and
 * send a new request when the user follows the link.
 */
export const refuseSpeculative = define.middleware((ctx) => {
  const { method } = ctx.req;
  if ((method !== "GET" && method !== "HEAD") || !isSpeculative(ctx.req)) return ctx.next();
  return method === "HEAD"
    ? new Response(null, { status: 204 })
    : new Response("Open this URL to continue.\n", {
      status: 503,
      headers: { vary: "Sec-Purpose" },
    });
});
