/** Selects the headers of requests to the upstream and of responses to the caller. Creates our own errors. */

import { isEventStream, UNBUFFERED } from "../base/mod.ts";
import { errorBody, withoutKey } from "../parallel/mod.ts";

/** The only headers of the caller that are forwarded. */
const FORWARDED = ["content-type", "accept", "parallel-beta", "last-event-id"] as const;

/** Headers for the upstream, built from scratch. */
export function upstreamHeaders(from: Headers, apiKey: string, hasBody: boolean): Headers {
  const headers = new Headers({
    "x-api-key": apiKey,
    // Compression would hold back a stream until a block is full.
    "accept-encoding": "identity",
  });
  for (const name of FORWARDED) {
    const value = from.get(name);
    if (value !== null && (hasBody || name !== "content-type")) headers.set(name, value);
  }
  return headers;
}

const DROPPED = new Set([
  // Hop by hop, RFC 9110 section 7.6.1 and its predecessors.
  "connection",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authentication-info",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
  // These describe the bytes between the upstream and this server only.
  "content-encoding",
  "content-length",
  // A response belongs to an account, so the API's caching headers are not passed on.
  "age",
  "cache-control",
  "expires",
  "pragma",
  // These would apply to this app's origin. The last one makes a browser ask for a password.
  "accept-ch",
  "alt-svc",
  "clear-site-data",
  "content-security-policy-report-only",
  "critical-ch",
  "link",
  "nel",
  "refresh",
  "report-to",
  "reporting-endpoints",
  "service-worker-allowed",
  "sourcemap",
  "x-sourcemap",
  "set-cookie",
  "set-cookie2",
  "speculation-rules",
  "strict-transport-security",
  "www-authenticate",
]);

/** Headers for the caller, without any that contains the key. */
export function callerHeaders(from: Headers, apiKey: string): Headers {
  const named = (from.get("connection") ?? "").toLowerCase().split(",").map((name) => name.trim());
  const headers = new Headers();
  for (const [name, value] of from) {
    // This server decides which origins may read its responses.
    const dropped = DROPPED.has(name) || named.includes(name) ||
      name.startsWith("access-control-") || withoutKey(value, apiKey) !== value;
    if (!dropped) headers.append(name, value);
  }
  if (isEventStream(headers)) {
    for (const [name, value] of Object.entries(UNBUFFERED)) headers.set(name, value);
  }
  return headers;
}

/** An error in the shape of the Task API. `refId` is set if a log line has the same id. */
export function apiError(
  status: number,
  message: string,
  headers: Readonly<Record<string, string>> = {},
  refId: string = crypto.randomUUID(),
): Response {
  return Response.json(errorBody(message, { refId }), { status, headers });
}

/**
 * Tells the official SDK not to repeat a create: the first one may have been billed (`shouldRetry` in
 * parallel-web's client reads this header).
 */
export const NO_RETRY: Readonly<Record<string, string>> = { "x-should-retry": "false" };
