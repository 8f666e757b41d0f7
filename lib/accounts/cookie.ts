/**
 * Names and attributes of the app's cookies. Over https the session's name has the `__Host-` prefix,
 * which browsers accept only with Secure, Path=/ and no Domain: a subdomain cannot set it.
 */
import { getCookies, setCookie as addCookie } from "@std/http/cookie";

/** The session cookie's name for this scheme. */
export function sessionCookieName(secure: boolean): string {
  return secure ? "__Host-taskstream" : "taskstream";
}

/** The name of the cookie that binds one sign-in with Parallel to this browser; many may be open at once. */
export function loginCookieName(secure: boolean, tag: string): string {
  return `${sessionCookieName(secure)}-login-${tag}`;
}

/** The names of a request's cookies for open sign-ins. */
export function loginCookieNames(headers: Headers, secure: boolean): string[] {
  const prefix = loginCookieName(secure, "");
  return Object.keys(cookiesOf(headers)).filter((name) => name.startsWith(prefix));
}

/** The name of the cookie that binds a kept form to the browser that sent it. */
export function parkedCookieName(secure: boolean): string {
  return `${sessionCookieName(secure)}-parked`;
}

/** The scope and lifetime of a cookie. */
export interface CookieOptions {
  readonly secure: boolean;
  readonly maxAgeSeconds: number;
  /** Default: `/`, the whole site. */
  readonly path?: string;
  /** With `Strict`, browsers omit the cookie even when a user follows a link from another site. Default: `Lax`. */
  readonly sameSite?: "Lax" | "Strict";
  /** Whether the page's scripts may read it. Never for a secret. */
  readonly scripts?: boolean;
}

/** A Set-Cookie value (RFC 6265bis): host-only, and unreadable by scripts unless asked for. */
export function setCookie(
  name: string,
  value: string,
  { secure, maxAgeSeconds, path = "/", sameSite = "Lax", scripts = false }: CookieOptions,
): string {
  const headers = new Headers();
  const maxAge = maxAgeSeconds;
  addCookie(headers, { name, value, path, maxAge, httpOnly: !scripts, sameSite, secure });
  return headers.getSetCookie()[0] ?? "";
}

/** The value of a cookie in a request, or `null`. */
export function readCookie(headers: Headers, name: string): string | null {
  return cookiesOf(headers)[name] || null;
}

/** A malformed header counts as having no cookies, so it cannot sign in. */
function cookiesOf(headers: Headers): Partial<Record<string, string>> {
  try {
    return getCookies(headers);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return {};
  }
}
