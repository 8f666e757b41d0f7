/**
 * Pages of other origins that `CORS_ORIGINS` names may call `/api` with a key of their own (Fetch
 * standard, section 3.3). Never with the cookie: no answer allows credentials.
 */

const PREFLIGHT_SECONDS = "7200";

/** The headers that let the calling page read an answer; none where its origin is not allowed. */
function corsHeaders(request: Request, allowed: readonly string[]): Record<string, string> {
  if (allowed.length === 0) return {};
  const origin = request.headers.get("origin");
  const everybody = allowed.includes("*");
  // A cache must not give one origin's answer to another.
  const vary: Record<string, string> = everybody ? {} : { vary: "Origin" };
  if (origin === null || !(everybody || allowed.includes(origin))) return vary;
  return {
    ...vary,
    "access-control-allow-origin": everybody ? "*" : origin,
    "access-control-expose-headers": "*",
  };
}

/** The answer, readable to the calling page where its origin is allowed. */
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

/** Answers OPTIONS, preflights included. */
export function optionsResponse(
  request: Request,
  allowed: readonly string[],
  methods: readonly string[],
): Response {
  const cors = corsHeaders(request, allowed);
  const headers: Record<string, string> = { allow: [...methods, "OPTIONS"].join(", ") };
  if (cors["access-control-allow-origin"] !== undefined) {
    headers["access-control-allow-methods"] = methods.join(", ");
    // The SDK sends a dozen headers of its own, with new ones now and then; all but ours go no further.
    headers["access-control-allow-headers"] = "*";
    headers["access-control-max-age"] = PREFLIGHT_SECONDS;
  }
  return new Response(null, { status: 204, headers });
}
