/**
 * Lets a browser that has a page already hear that it is still the same (RFC 9110 section 13). The
 * entity tag is of the page as rendered, without its nonces, which differ each time and say nothing.
 */
const NONCE = / nonce="[^"]*"/g;

/**
 * The page with its entity tag, or 304 where the browser has just that. The policy of a 304 must not
 * be sent (see `securityHeaders`): the page that it confirms carries the nonces of its own.
 */
export async function confirmable(request: Request, page: Response): Promise<Response> {
  const html = await page.text();
  const content = new TextEncoder().encode(html.replace(NONCE, ""));
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", content));
  // Weak: two pages with different nonces are not the same bytes.
  const tag = `W/"${digest.slice(0, 16).toHex()}"`;
  const { headers } = page;
  headers.set("etag", tag);
  if (hasTag(request.headers.get("if-none-match"), tag)) {
    headers.delete("content-type");
    headers.delete("content-length");
    return new Response(null, { status: 304, headers });
  }
  return new Response(html, { status: page.status, headers });
}

/** Weak comparison, RFC 9110 section 13.1.2. */
function hasTag(header: string | null, tag: string): boolean {
  if (header === null) return false;
  if (header.trim() === "*") return true;
  const bare = (each: string) => each.trim().replace(/^W\//, "");
  return header.split(",").some((each) => bare(each) === bare(tag));
}
