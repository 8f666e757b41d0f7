/** Compresses pages. Static files are compressed by the build, and streams are never held back. */
import { define } from "../state.ts";
import { PackedPages } from "./packed_pages.ts";

/** The smallest page to compress (UTF-16 code units). A smaller one fits in the first packets anyway. */
const MIN_CHARS = 1_000;
/** A larger page is compressed in pieces, so that other requests can run meanwhile (UTF-16 code units). */
const AT_ONCE_CHARS = 200_000;
/** Take two thirds of the time of zlib's defaults and of level 9. The form's page is 17 bytes larger. */
const SETTINGS = { level: 5, memLevel: 9 };

/**
 * Pages without account data when the visitor is signed out. Only these, and pages that are the same for all
 * accounts but for a few values (`State.differsIn`), are cached in compressed form: an account's data must not
 * outlive its response, and its length must not depend on earlier ones.
 */
const OPEN_PAGES = new Set(["/", "/inspect"]);

/** Creates the middleware that compresses a page for a client that accepts gzip. */
export function createCompression() {
  // Loading zlib takes longer than a page. It begins with the first page, and the runtime's built-in compression
  // handles pages until it is loaded.
  let loading: Promise<void> | null = null;
  let zlib: typeof import("node:zlib") | null = null;
  let openPages: PackedPages | null = null;
  const load = async () => {
    zlib = await import("node:zlib");
    openPages = new PackedPages(zlib);
  };
  return define.middleware(async (ctx) => {
    const response = await ctx.next();
    // The middleware of the security headers made these mutable. Do not read `response.body`: that turns a
    // text into a stream, which costs more than to compress it.
    const { headers, status } = response;
    if (
      !headers.get("content-type")?.startsWith("text/html") || headers.has("content-encoding") ||
      NO_BODY.has(status)
    ) return response;
    headers.append("vary", "accept-encoding");
    if (isMeasurable(ctx.req)) {
      // Deno Deploy compresses uncompressed responses, as other proxies do.
      headers.append("cache-control", "no-transform");
      return response;
    }
    if (!acceptsGzip(ctx.req.headers)) return response;
    const text = await response.text();
    headers.delete("content-length");
    if (text.length < MIN_CHARS) return new Response(text, { status, headers });
    headers.set("content-encoding", "gzip");
    if (zlib === null || text.length > AT_ONCE_CHARS) {
      loading ??= ctx.info.completed.then(load, load);
      const pieces = new Blob([text]).stream().pipeThrough(new CompressionStream("gzip"));
      return new Response(pieces, { status, headers });
    }
    const isOpen = ctx.state.session === null && OPEN_PAGES.has(ctx.url.pathname);
    const values = isOpen ? [] : ctx.state.differsIn;
    const nonce = nonceOf(headers);
    const packed = values && nonce && await openPages?.gzip(text, [nonce, ...values]);
    const bytes = packed || new Uint8Array(zlib.gzipSync(text, SETTINGS));
    return new Response(bytes, { status, headers });
  });
}

/** Statuses of responses without a body. */
const NO_BODY = new Set([204, 205, 304]);

/** The nonce that the response's policy gives to its scripts. */
function nonceOf(headers: Headers): string | null {
  return /'nonce-([\w+/=-]{16,64})'/.exec(headers.get("content-security-policy") ?? "")?.[1] ??
    null;
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
 * Whether another site may have made the browser send this request. Such a site chooses text that the page
 * reflects, and the length of the compressed page reveals whether that text repeats a secret (BREACH).
 */
export function isMeasurable(request: Request): boolean {
  const site = request.headers.get("sec-fetch-site");
  if (site !== null) return site !== "same-origin" && site !== "none";
  // The browser does not send the header. Without a session there is no secret; without a query there is no
  // reflection.
  return request.headers.has("cookie") && URL.parse(request.url)?.search !== "";
}
