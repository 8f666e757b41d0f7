/**
 * Lets a browser that has a page already hear that it is still the same (RFC 9110 section 13). The
 * entity tag is of the page as rendered, without its nonces, which differ each time and say nothing.
 */
import { eTag, ifNoneMatch } from "@std/http/etag";

const NONCE = / nonce="[^"]*"/g;

/**
 * The page with its entity tag, or 304 where the browser has just that. The policy of a 304 must not
 * be sent (see `securityHeaders`): the page that it confirms carries the nonces of its own. The page is
 * returned as the object that it is, for it is that to which `csp()` gives the policy with its nonce.
 */
export async function confirmable(request: Request, page: Response): Promise<Response> {
  const html = await page.clone().text();
  // Weak: two pages with different nonces are not the same bytes.
  const tag = await eTag(html.replace(NONCE, ""), { weak: true });
  const { headers } = page;
  headers.set("etag", tag);
  if (ifNoneMatch(request.headers.get("if-none-match"), tag)) return page;
  headers.delete("content-type");
  headers.delete("content-length");
  return new Response(null, { status: 304, headers });
}
