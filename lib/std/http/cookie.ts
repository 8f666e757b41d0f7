/**
 * `@std/http/cookie`: cookies of a request, and cookies for a response.
 *
 * @module
 */

/** A cookie and its attributes (RFC 6265, section 4.1). */
export interface Cookie {
  name: string;
  value: string;
  /** When it expires: a date, or Unix ms. Without this and `maxAge`, it expires with the browser's session. */
  expires?: Date | number;
  /** Seconds until it expires; 0 deletes it. */
  maxAge?: number;
  /** The domain whose hosts get it. Default: only the host that set it. */
  domain?: string;
  /** The path below which it is sent. */
  path?: string;
  /** Whether it is sent over HTTPS only. */
  secure?: boolean;
  /** Whether it is hidden from scripts. */
  httpOnly?: boolean;
  /** Whether each embedding site has its own copy (CHIPS). */
  partitioned?: boolean;
  /** Which requests from other sites include it. */
  sameSite?: "Strict" | "Lax" | "None";
  /** Further attributes, verbatim. */
  unparsed?: string[];
}

const NAME = /^[!#$%&'*+\-./\w^`|~]+$/;
/** The cookie-octets of RFC 6265, and one more. */
const VALUE = /^[\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e\x80]*$/;
const PATH = /^[\x20-\x3a\x3c-\x7e]*$/;

/**
 * Adds a `Set-Cookie` header. A cookie whose name starts with `__Secure` is made secure. One with `__Host` also
 * gets the path `/` and no domain, because browsers refuse it otherwise. Throws a `SyntaxError` if name, value,
 * path or domain is malformed, and a `RangeError` if `maxAge` is negative.
 */
export function setCookie(headers: Headers, cookie: Cookie): void {
  const { name, value, httpOnly, partitioned, maxAge, sameSite, expires, unparsed } = cookie;
  if (!name) return;
  const locked = name.startsWith("__Host");
  const secure = cookie.secure || locked || name.startsWith("__Secure");
  const path = locked ? "/" : cookie.path;
  const domain = locked ? undefined : cookie.domain;
  if (!NAME.test(name)) throw new SyntaxError(`Invalid cookie name: "${name}"`);
  if (!VALUE.test(value)) throw new SyntaxError(`Invalid value of the cookie "${name}"`);
  if (path && !PATH.test(path)) throw new SyntaxError(`Invalid cookie path: "${path}"`);
  if (domain && /^-|[-.]$/.test(domain)) throw new SyntaxError(`Invalid cookie domain: ${domain}`);
  const hasAge = Number.isInteger(maxAge);
  if (hasAge && maxAge! < 0) throw new RangeError(`Max-Age must be 0 or more, not ${maxAge}`);
  const parts = [
    `${name}=${value}`,
    secure && "Secure",
    httpOnly && "HttpOnly",
    partitioned && "Partitioned",
    hasAge && `Max-Age=${maxAge}`,
    domain && `Domain=${domain}`,
    sameSite && `SameSite=${sameSite}`,
    path && `Path=${path}`,
    expires && `Expires=${new Date(expires).toUTCString()}`,
    ...unparsed ?? [],
  ];
  headers.append("Set-Cookie", parts.filter(Boolean).join("; "));
}

/**
 * The cookies of a request by name, with their values unchanged. If a name repeats, the last cookie counts. Throws
 * a `SyntaxError` if a cookie starts with `=`.
 */
export function getCookies(headers: Headers): Partial<Record<string, string>> {
  const cookies: Partial<Record<string, string>> = Object.create(null);
  for (const pair of headers.get("Cookie")?.split(";") ?? []) {
    const equals = pair.indexOf("=");
    const name = equals === -1 ? pair : pair.slice(0, equals);
    if (name === "") throw new SyntaxError("Cookie cannot start with '='");
    cookies[name.trim()] = equals === -1 ? "" : pair.slice(equals + 1);
  }
  return cookies;
}
