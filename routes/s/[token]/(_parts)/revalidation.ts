/**
 * Lets browsers revalidate a cached page (RFC 9110 section 13). The entity tag covers the rendered page
 * without its nonces, which differ each time and carry no content.
 */
import { eTag, ifNoneMatch } from "@std/http/etag";

/**
 * The longest header that is read: a browser sends one tag. From JSR, `ifNoneMatch` splits at commas with any
 * white space around them (http/etag.ts), which takes minutes for as much of it as a server accepts.
 */
const MOST_CHARS = 1_000;
const NONCE = / nonce="[^"]*"/g;

/**
 * Returns the page with its entity tag, or 304 if the browser has the same version. Do not send a policy
 * with a 304 (see `securityHeaders`): the cached page has its own nonces. The page is returned as the same
 * object, because `csp()` attaches the policy and nonce to that object.
 */
export async function withETag(request: Request, page: Response): Promise<Response> {
  const html = await page.clone().text();
  // Weak: two pages with different nonces are not byte-identical.
  const tag = await eTag(html.replace(NONCE, ""), { weak: true });
  const { headers } = page;
  headers.set("etag", tag);
  const known = request.headers.get("if-none-match");
  if ((known?.length ?? 0) > MOST_CHARS || ifNoneMatch(known, tag)) return page;
  headers.delete("content-type");
  headers.delete("content-length");
  return new Response(null, { status: 304, headers });
}
