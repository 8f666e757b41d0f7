/**
 * Names and attributes of the app's cookies. Over https the session's name has the `__Host-` prefix,
 * which browsers accept only with Secure, Path=/ and no Domain: no subdomain can plant one.
 */

/** The session cookie's name for this scheme. */
export function sessionCookieName(secure: boolean): string {
  return secure ? "__Host-taskstream" : "taskstream";
}

/** The name of the cookie that binds one sign-in with Parallel to this browser; many may be open at once. */
export function loginCookieName(secure: boolean, tag: string): string {
  return `${sessionCookieName(secure)}-login-${tag}`;
}

/** The names of a request's cookies for sign-ins that are open. */
export function loginCookieNames(headers: Headers, secure: boolean): string[] {
  const prefix = loginCookieName(secure, "");
  return pairsOf(headers).map(([name]) => name).filter((name) => name.startsWith(prefix));
}

/** What a cookie is good for. */
export interface CookieOptions {
  readonly secure: boolean;
  readonly maxAgeSeconds: number;
  /** The whole site without it. */
  readonly path?: string;
  /** `Strict`: also a link from elsewhere comes without it. `Lax` without it. */
  readonly sameSite?: "Lax" | "Strict";
  /** Scripts of the page may read it: never for a secret. */
  readonly scripts?: boolean;
}

/** A Set-Cookie value (RFC 6265bis): host-only, and unreadable by scripts unless asked for. */
export function setCookie(
  name: string,
  value: string,
  { secure, maxAgeSeconds, path = "/", sameSite = "Lax", scripts = false }: CookieOptions,
): string {
  const parts = [
    `${name}=${value}`,
    `Path=${path}`,
    `Max-Age=${maxAgeSeconds}`,
    ...scripts ? [] : ["HttpOnly"],
    `SameSite=${sameSite}`,
  ];
  if (secure) parts.push("Secure");
  return parts.join("; ");
}

/** The value of a cookie in a request, or `null`. The first of several wins, as in browsers' order. */
export function readCookie(headers: Headers, name: string): string | null {
  return pairsOf(headers).find((pair) => pair[0] === name)?.[1] ?? null;
}

function pairsOf(headers: Headers): (readonly [name: string, value: string])[] {
  return (headers.get("cookie")?.split(";") ?? []).flatMap((pair) => {
    const equals = pair.indexOf("=");
    return equals === -1
      ? []
      : [[pair.slice(0, equals).trim(), pair.slice(equals + 1).trim()] as const];
  });
}
