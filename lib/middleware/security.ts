/**
 * Sets the security headers of every response: pages, files, redirects, errors, streams and `/api`.
 */
import { csp, HttpError } from "fresh";
import { define, type State } from "../state.ts";
import { isForPrograms } from "../proxy/mod.ts";
import { isOwnRequest, SAFE_METHODS } from "../base/mod.ts";

/**
 * Content Security Policy (level 3). Each line says why:
 * - `default-src 'none'`: only what the lines below allow is loaded.
 * - `script-src 'strict-dynamic'` with a nonce: only scripts that the server wrote into this response run, and
 *   the modules they import; an injected tag has no nonce.
 * - `style-src 'self'`: only the app's stylesheets, no inline styles: styles can read a page, too.
 * - `img-src 'self' data:`, `font-src 'self'`: a picture from elsewhere would call out.
 * - `connect-src 'self'`: the live feed; a script that got in could send nothing out. The inspector
 *   alone connects where its user says; it shows nothing that belongs to an account.
 * - `base-uri 'none'`, `object-src 'none'`, `frame-ancestors 'none'`: no page changes the base of relative URLs,
 *   runs plugins, or frames this app for clickjacking.
 * - `form-action 'self'`: a forged form cannot send what a person types elsewhere.
 * - `require-trusted-types-for 'script'` with `trusted-types 'none'`: strings never become code in the
 *   browser, and no script can make a policy that lets them.
 * - `worker-src 'none'`: no page has a worker but `/account/notifications`, whose service worker shows
 *   notifications (static/push-worker.js). Its URL has to pass a Trusted Types policy, the one that this page
 *   may make, and which knows no other URL.
 */
function policy({ connect = "'self'", worker = "'none'", types = "'none'" } = {}) {
  return csp<State>({
    useNonce: true,
    csp: [
      "default-src 'none'",
      "script-src 'unsafe-inline' 'strict-dynamic'",
      "style-src 'self'",
      "img-src 'self' data:",
      "font-src 'self'",
      "media-src 'none'",
      `worker-src ${worker}`,
      "manifest-src 'self'",
      `connect-src ${connect}`,
      "object-src 'none'",
      "base-uri 'none'",
      "form-action 'self'",
      "frame-ancestors 'none'",
      "require-trusted-types-for 'script'",
      `trusted-types ${types}`,
    ],
  });
}

const ownPolicy = policy();
/** Pages that need more than the others, by their route. */
const POLICIES = new Map([
  ["/inspect", policy({ connect: "*" })],
  ["/account/notifications", policy({ worker: "'self'", types: "push-worker" })],
]);

/** Sends the policy that belongs to the page. */
export const contentSecurityPolicy = define.middleware((ctx) =>
  (POLICIES.get(ctx.route ?? "") ?? ownPolicy)(ctx)
);

const NO_SCRIPT = "script-src 'none'";

/**
 * Adapts the policy of Fresh's `csp()` before it is sent. A response without a nonce allows no scripts; `csp()`
 * would send `'unsafe-inline'`. Over plain http, removes `upgrade-insecure-requests`, which `csp()` always adds:
 * it would send every asset request to a port without TLS.
 */
export function sentPolicy(policy: string | null, secure: boolean): string {
  const directives = (policy ?? "default-src 'none'").split(";").map((text) => text.trim())
    .filter((text) => text !== "" && (secure || text !== "upgrade-insecure-requests"));
  const scripts = directives.filter((text) => /^script-src(?:-elem|-attr)?(?:\s|$)/.test(text));
  const safe = scripts.some((text) => /'nonce-[\w+/=-]{16,}'/.test(text)) &&
    !scripts.some((text) => text.includes("'unsafe-inline'"));
  const kept = safe ? directives : [
    ...directives.filter((text) => !scripts.includes(text)),
    NO_SCRIPT,
  ];
  return kept.join("; ");
}

/** The security headers of every response besides the policy. */
const HEADERS: Readonly<Record<string, string>> = {
  // A browser never treats a text from this server as a script or a page.
  "x-content-type-options": "nosniff",
  // Run ids and share tokens in URLs are not sent to other sites. The app's own forms still send their origin.
  "referrer-policy": "same-origin",
  // Other windows get no reference to ours (tab-nabbing, XS-Leaks).
  "cross-origin-opener-policy": "same-origin",
  // Other sites cannot embed our responses and measure them (Spectre, XS-Leaks).
  "cross-origin-resource-policy": "same-origin",
  // The app needs none of these, and an injected script must not use them.
  "permissions-policy": [
    "accelerometer",
    "browsing-topics",
    "camera",
    "display-capture",
    "geolocation",
    "gyroscope",
    "hid",
    "magnetometer",
    "microphone",
    "midi",
    "payment",
    "publickey-credentials-get",
    "screen-wake-lock",
    "serial",
    "usb",
    "xr-spatial-tracking",
  ].map((feature) => `${feature}=()`).join(", "),
};

/** Two years, as browsers' preload lists require: after the first visit a browser never uses plain http. */
const HSTS = "max-age=63072000; includeSubDomains";

/** The default, because a response may belong to an account: no cache may store it. */
const PRIVATE = "private, no-store";

/** Sets the security headers, and keeps accounts' data out of every cache. */
export const securityHeaders = define.middleware(async (ctx) => {
  const response = mutable(await ctx.next());
  const { headers } = response;
  for (const name in HEADERS) headers.set(name, HEADERS[name] ?? "");
  // A 304 confirms a cached page, whose scripts have the nonce of the cached policy.
  if (response.status === 304) headers.delete("content-security-policy");
  else {
    const policy = sentPolicy(headers.get("content-security-policy"), ctx.state.secure);
    headers.set("content-security-policy", policy);
  }
  if (ctx.state.secure) headers.set("strict-transport-security", HSTS);
  if (!headers.has("cache-control")) headers.set("cache-control", PRIVATE);
  return response;
});

/** The response if its headers can be changed, else a copy: those of `fetch` and `redirect` are immutable. */
function mutable(response: Response): Response {
  try {
    response.headers.delete("x-powered-by");
    return response;
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return new Response(response.body, response);
  }
}

// Cross-site request forgery: an unsafe request that a browser authenticates by cookie must come from
// this app's own pages. Fresh's `csrf()` accepts requests with neither header; this one refuses them.
/** Routes without cookie authentication: servers call them and sign their requests. */
const SIGNED = new Set(["/webhooks/parallel"]);

/** Refuses unsafe cross-origin requests with 403. */
export const ownOrigin = define.middleware((ctx) => {
  if (SAFE_METHODS.has(ctx.req.method) || SIGNED.has(ctx.url.pathname)) return ctx.next();
  // The proxy applies the same rule to cookies, with the Task API's error format. The MCP server reads no cookies,
  // and has its own rule for origins.
  if (isForPrograms(ctx.url.pathname)) return ctx.next();
  const { publicUrl } = ctx.state.services.config;
  if (isOwnRequest(ctx.req.headers, publicUrl ?? ctx.url.origin)) return ctx.next();
  throw new HttpError(
    403,
    "This request did not come from a page of this app. Reload and try again.",
  );
});
