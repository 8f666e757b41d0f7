/**
 * Names and attributes of the app's cookies. Over https the session's name has the `__Host-` prefix,
 * which browsers accept only with Secure, Path=/ and no Domain: no subdomain can plant one.
 */

/** The session cookie's name for this scheme. */
export function sessionCookieName(secure: boolean): string {
  return secure ? "__Host-taskstream" : "taskstream";
}

/** A Set-Cookie value (RFC 6265bis): host-only, for the whole site, unreadable by scripts. */
export function setCookie(
  name: string,
  value: string,
  options: { readonly secure: boolean; readonly maxAgeSeconds: number },
): string {
  const parts = [
    `${name}=${value}`,
    "Path=/",
    `Max-Age=${options.maxAgeSeconds}`,
    "HttpOnly",
    "SameSite=Lax",
  ];
  if (options.secure) parts.push("Secure");
  return parts.join("; ");
}

/** The value of a cookie in a request, or `null`. The first of several wins, as in browsers' order. */
export function readCookie(headers: Headers, name: string): string | null {
  for (const pair of headers.get("cookie")?.split(";") ?? []) {
    const equals = pair.indexOf("=");
    if (equals !== -1 && pair.slice(0, equals).trim() === name) {
      return pair.slice(equals + 1).trim();
    }
  }
  return null;
}
