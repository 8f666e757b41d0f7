/** What of a request's headers reaches the upstream, and what of its answer's the caller. */

import { withoutKey } from "../parallel/errors.ts";

/** All that is taken from the caller. */
const TAKEN = ["content-type", "accept", "parallel-beta", "last-event-id"] as const;

/** Headers for the upstream, built afresh. */
export function upstreamHeaders(from: Headers, apiKey: string, hasBody: boolean): Headers {
  const headers = new Headers({
    "x-api-key": apiKey,
    // Compressed streams would be held back until a block is full.
    "accept-encoding": "identity",
  });
  for (const name of TAKEN) {
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
  // True of the bytes between the upstream and us only.
  "content-encoding",
  "content-length",
  // An answer belongs to an account: the API's word on caching does not reach further than to us.
  "age",
  "cache-control",
  "expires",
  "pragma",
  // These would speak for our own origin; the last of them would have a browser ask for a password.
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

/** Headers for the caller; none that repeats the key. */
export function callerHeaders(from: Headers, apiKey: string): Headers {
  const named = (from.get("connection") ?? "").toLowerCase().split(",").map((name) => name.trim());
  const headers = new Headers();
  for (const [name, value] of from) {
    // Which origins may read our answers is ours to say.
    const dropped = DROPPED.has(name) || named.includes(name) ||
      name.startsWith("access-control-") || withoutKey(value, apiKey) !== value;
    if (!dropped) headers.append(name, value);
  }
  if (headers.get("content-type")?.startsWith("text/event-stream")) {
    // Nobody on the way may compress or collect what should arrive at once, our own server included.
    headers.set("cache-control", "no-cache, no-transform");
    headers.set("x-accel-buffering", "no");
  }
  return headers;
}
