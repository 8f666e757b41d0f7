/**
 * `@std/http/cookie`: cookies of a request, and cookies for a response.
 *
 * @module
 */

/** A cookie and its attributes (RFC 6265, section 4.1). */
export interface Cookie {
  name: string;
  value: string;
  /** When it ends: a date, or Unix ms. Without it and `maxAge`: with the browser's session. */
  expires?: Date | number;
  /** Seconds until it ends; 0 ends it at once. */
  maxAge?: number;
  /** Hosts it is sent to. Without it: the host that set it. */
  domain?: string;
  /** Paths it is sent to. */
  path?: string;
  /** Sent over HTTPS only. */
  secure?: boolean;
  /** Not readable by scripts. */
  httpOnly?: boolean;
  /** Kept apart for each site that embeds the host. */
  partitioned?: boolean;
  /** Whether requests that come from other sites carry it. */
  sameSite?: "Strict" | "Lax" | "None";
  /** Further attributes, as they are sent. */
  unparsed?: string[];
}

const NAME = /^[!#$%&'*+\-./\w^`|~]+$/;
/** The cookie-octets of RFC 6265, and one more. */
const VALUE = /^[\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e\x80]*$/;
const PATH = /^[\x20-\x3a\x3c-\x7e]*$/;

/**
 * Adds a `Set-Cookie` header. A name that starts with `__Secure` is made secure; one that starts with
 * `__Host` also gets the path `/` and no domain, for browsers refuse it otherwise. Throws a
 * `SyntaxError` where name, value, path or domain is malformed, a `RangeError` for a negative `maxAge`.
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
 * The cookies of a request by name, values as they came; of several with one name the last. Throws a
 * `SyntaxError` where a cookie starts with `=`.
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
