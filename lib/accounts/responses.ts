/**
 * The responses of the sign-in routes: always 303, with the session's cookie or the reason for the failure.
 */
import { ABSOLUTE_MS } from "./sessions.ts";
import {
  loginCookieName,
  loginCookieNames,
  parkedCookieName,
  sessionCookieName,
  setCookie,
} from "./cookie.ts";
import type { LoginEnd, LoginStart } from "./oauth/mod.ts";
import { LOGIN_MS } from "./oauth/transactions.ts";
import { ownPath, type SignInOutcome } from "./sign_in.ts";

/** Redirects to `next` after a sign-in, or to the front page with the reason for the failure. */
export function signInResponse(outcome: SignInOutcome, next: string, secure: boolean): Response {
  const path = ownPath(next);
  if (!outcome.ok) {
    const query = new URLSearchParams({
      problem: outcome.problem,
      ...(path === "/" ? {} : { next: path }),
    });
    return seeOther(`/?${query}`);
  }
  return seeOther(path, sessionCookie(outcome.cookie, secure));
}

/** Removes the cookies of the session and of a kept form from the browser. */
export function signedOutResponse(secure: boolean, location = "/"): Response {
  const names = [sessionCookieName(secure), parkedCookieName(secure)];
  const spent = names.map((name) => setCookie(name, "", { secure, maxAgeSeconds: 0 }));
  return seeOther(location, ...spent);
}

/** The most open sign-ins. A hostile page could make the browser start many, and it stores only 180 cookies. */
const MAX_OPEN_LOGINS = 20;

/** Redirects the browser to the provider, with a cookie that binds the sign-in to this browser. */
export function loginStartedResponse(
  start: LoginStart & { readonly ok: true },
  request: Request,
  secure: boolean,
): Response {
  const open = loginCookieNames(request.headers, secure);
  const cleared = open.length < MAX_OPEN_LOGINS ? [] : open;
  return seeOther(
    start.location,
    ...cleared.map((name) => setCookie(name, "", { secure, maxAgeSeconds: 0 })),
    setCookie(loginCookieName(secure, start.tag), start.secret, {
      secure,
      maxAgeSeconds: LOGIN_MS / 1000,
    }),
  );
}

/** Redirects to the requested page, signed in. */
export function loginEndedResponse(
  end: LoginEnd & { readonly ok: true },
  secure: boolean,
): Response {
  return seeOther(end.next, sessionCookie(end.cookie, secure), ...spentCookie(end, secure));
}

/** Removes the used cookie of a sign-in from the browser. */
export function spentCookie({ tag }: LoginEnd, secure: boolean): string[] {
  if (tag === null) return [];
  return [setCookie(loginCookieName(secure, tag), "", { secure, maxAgeSeconds: 0 })];
}

function sessionCookie(value: string, secure: boolean): string {
  return setCookie(sessionCookieName(secure), value, {
    secure,
    maxAgeSeconds: ABSOLUTE_MS / 1000,
  });
}

function seeOther(location: string, ...cookies: string[]): Response {
  const headers = new Headers({ location });
  for (const cookie of cookies) headers.append("set-cookie", cookie);
  return new Response(null, { status: 303, headers });
}
