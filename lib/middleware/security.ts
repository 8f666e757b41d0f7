/**
 * Headers that every response carries.
 */
import { csp } from "fresh";
import { define, type State } from "../state.ts";

/**
 * Content Security Policy (level 3). Each line says why:
 * - `script-src 'strict-dynamic'` with a nonce: only scripts that the server wrote into this very
 *   response run, and the modules they import; an injected tag has no nonce.
 * - `style-src 'self'`: one stylesheet of ours, no inline style anywhere.
 * - `connect-src 'self'`: the live feed; a script that got in could send nothing out. The inspector
 *   alone connects where its user says; it shows nothing that belongs to an account.
 * - `base-uri 'none'`, `object-src 'none'`, `frame-ancestors 'none'`: nobody re-roots relative URLs,
 *   runs plugins or frames us for clickjacking.
 * - `form-action 'self'`: a forged form cannot send what a person types elsewhere.
 * - `require-trusted-types-for 'script'`: strings never become code in the browser.
 */
function policy(connectSources: string) {
  return csp<State>({
    useNonce: true,
    csp: [
      "default-src 'none'",
      "script-src 'unsafe-inline' 'strict-dynamic'",
      "style-src 'self'",
      "img-src 'self' data:",
      "font-src 'self'",
      "media-src 'none'",
      "worker-src 'none'",
      "manifest-src 'self'",
      `connect-src ${connectSources}`,
      "object-src 'none'",
      "base-uri 'none'",
      "form-action 'self'",
      "frame-ancestors 'none'",
      "require-trusted-types-for 'script'",
    ],
  });
}

const ownPolicy = policy("'self'");
const inspectorPolicy = policy("*");

/** Sends the policy that belongs to the page. */
export const contentSecurityPolicy = define.middleware((ctx) =>
  ctx.url.pathname === "/inspect" ? inspectorPolicy(ctx) : ownPolicy(ctx)
);

const HEADERS: Readonly<Record<string, string>> = {
  // A text file served by us is never taken for a script.
  "x-content-type-options": "nosniff",
  // Run ids in URLs stay here.
  "referrer-policy": "same-origin",
  // No other window gets a handle on ours, no other site embeds our responses.
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
};

/** Sets the security headers, and keeps what belongs to an account out of every cache. */
export const securityHeaders = define.middleware(async (ctx) => {
  const response = mutable(await ctx.next());
  for (const [name, value] of Object.entries(HEADERS)) response.headers.set(name, value);
  const policy = response.headers.get("content-security-policy");
  if (ctx.state.secure) {
    response.headers.set("strict-transport-security", "max-age=63072000; includeSubDomains");
  } else if (policy !== null) {
    // `csp()` always adds it; on plain http it would send every asset to a port that speaks no TLS.
    const plain = policy.replace(/;?\s*upgrade-insecure-requests/, "");
    response.headers.set("content-security-policy", plain);
  }
  if (!response.headers.has("cache-control")) {
    response.headers.set("cache-control", "private, no-store");
  }
  return response;
});

/** The response itself where its headers can be set; a copy of one that `fetch` or `redirect` made. */
function mutable(response: Response): Response {
  try {
    response.headers.delete("x-powered-by");
    return response;
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return new Response(response.body, response);
  }
}
