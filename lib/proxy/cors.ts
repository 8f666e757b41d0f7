/**
 * Pages of other origins that `CORS_ORIGINS` names may call `/api` with a key of their own (Fetch standard,
 * section 3.3). Never with the cookie: no response allows credentials.
 */

const PREFLIGHT_SECONDS = "7200";

/** Returns the headers that let a page of an allowed origin read the response. */
function corsHeaders(request: Request, allowed: readonly string[]): Record<string, string> {
  if (allowed.length === 0) return {};
  const origin = request.headers.get("origin");
  const allowsAll = allowed.includes("*");
  // A cache must not serve one origin's response to another.
  const vary: Record<string, string> = allowsAll ? {} : { vary: "Origin" };
  if (origin === null || !(allowsAll || allowed.includes(origin))) return vary;
  return {
    ...vary,
    "access-control-allow-origin": allowsAll ? "*" : origin,
    "access-control-expose-headers": "*",
  };
}

/** Adds the CORS headers to a response, and returns it. */
export function withCors(
  response: Response,
  request: Request,
  allowed: readonly string[],
): Response {
  for (const [name, value] of Object.entries(corsHeaders(request, allowed))) {
    if (name === "vary") response.headers.append(name, value);
    else response.headers.set(name, value);
  }
  return response;
}

/** Responds to OPTIONS, including preflights. */
export function optionsResponse(
  request: Request,
  allowed: readonly string[],
  methods: readonly string[],
): Response {
  const cors = corsHeaders(request, allowed);
  const headers: Record<string, string> = { allow: [...methods, "OPTIONS"].join(", ") };
  if (cors["access-control-allow-origin"] !== undefined) {
    headers["access-control-allow-methods"] = methods.join(", ");
    // The SDK sends a dozen headers, and new versions add more. Only those in headers.ts are forwarded.
    headers["access-control-allow-headers"] = "*";
    headers["access-control-max-age"] = PREFLIGHT_SECONDS;
  }
  return new Response(null, { status: 204, headers });
}
