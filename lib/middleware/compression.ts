/** Compresses pages. Static files are compressed by the build, and streams are never held back. */
import { define } from "../state.ts";

/** A smaller page fits in the first packets anyway (bytes). */
const MIN_BYTES = 1_000;
/** A larger page is compressed in pieces, so that other requests go on meanwhile (bytes). */
const AT_ONCE_BYTES = 200_000;
/** As small as level 9 for the form's page, in two thirds of its time. */
const LEVEL = 6;

/** Creates the middleware that compresses a page for a client that accepts gzip. */
export function createCompression() {
  // Loading it takes longer than a page: the first one is compressed by what the runtime has loaded.
  let load: (() => Promise<typeof import("node:zlib")>) | null = null;
  return define.middleware(async (ctx) => {
    const response = await ctx.next();
    const type = response.headers.get("content-type") ?? "";
    if (
      response.body === null || !type.startsWith("text/html") ||
      response.headers.has("content-encoding")
    ) return response;
    const headers = new Headers(response.headers);
    headers.append("vary", "accept-encoding");
    const { status } = response;
    if (!acceptsGzip(ctx.req.headers) || isMeasurable(ctx.req)) {
      return new Response(response.body, { status, headers });
    }
    const bytes = await response.bytes();
    headers.delete("content-length");
    if (bytes.byteLength < MIN_BYTES) return new Response(bytes, { status, headers });
    headers.set("content-encoding", "gzip");
    if (load === null || bytes.byteLength > AT_ONCE_BYTES) {
      load ??= () => import("node:zlib");
      const pieces = new Blob([bytes]).stream().pipeThrough(new CompressionStream("gzip"));
      return new Response(pieces, { status, headers });
    }
    const { gzipSync } = await load();
    return new Response(new Uint8Array(gzipSync(bytes, { level: LEVEL })), { status, headers });
  });
}

/** Whether `Accept-Encoding` allows gzip (RFC 9110, section 12.5.3). */
export function acceptsGzip(headers: Headers): boolean {
  const weights = new Map<string, number>();
  for (const entry of (headers.get("accept-encoding") ?? "").toLowerCase().split(",")) {
    const [coding = "", ...parameters] = entry.split(";").map((part) => part.trim());
    const weight = parameters.find((part) => part.startsWith("q="))?.slice(2);
    weights.set(coding, weight === undefined ? 1 : Number(weight));
  }
  return (weights.get("gzip") ?? weights.get("*") ?? 0) > 0;
}

/**
 * Whether another site may have made the browser send this request. It chooses what the page reflects, and
 * the length of the compressed page on the wire would tell whether that repeats a secret of the page (BREACH).
 */
export function isMeasurable(request: Request): boolean {
  const site = request.headers.get("sec-fetch-site");
  if (site !== null) return site !== "same-origin" && site !== "none";
  // The browser does not send the header. Without a session there is no secret; without a query there is no
  // reflection.
  return request.headers.has("cookie") && URL.parse(request.url)?.search !== "";
}
