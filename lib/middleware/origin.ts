/**
 * Cross-site request forgery: an unsafe request that a browser authenticates by cookie must come from
 * this app's own pages. Fresh's `csrf()` accepts requests with neither header; this one refuses them.
 */
import { HttpError } from "fresh";
import { isOwnRequest, SAFE_METHODS } from "../base/mod.ts";
import { define } from "../state.ts";

/** Routes without cookie authentication: servers call them and sign their requests. */
const SIGNED = new Set(["/webhooks/parallel"]);

/** Refuses unsafe cross-origin requests with 403. */
export const ownOrigin = define.middleware((ctx) => {
  if (SAFE_METHODS.has(ctx.req.method) || SIGNED.has(ctx.url.pathname)) return ctx.next();
  // The proxy applies the same rule to cookies, with the Task API's error shape.
  if (ctx.url.pathname.startsWith("/api/")) return ctx.next();
  const { publicUrl } = ctx.state.services.config;
  if (isOwnRequest(ctx.req.headers, publicUrl ?? ctx.url.origin)) return ctx.next();
  throw new HttpError(
    403,
    "This request did not come from a page of this app. Reload and try again.",
  );
});
