/**
 * What the sign-in routes answer: always 303, with the session's cookie or the reason there is none.
 */
import { ABSOLUTE_MS } from "./sessions.ts";
import { sessionCookieName, setCookie } from "./cookie.ts";
import { ownPath } from "./next.ts";
import type { SignInOutcome } from "./sign_in.ts";

/** Sends a person who signed in to `next`, and anybody else back to the front page with the reason. */
export function signInAnswer(outcome: SignInOutcome, next: string, secure: boolean): Response {
  const path = ownPath(next);
  if (!outcome.ok) {
    const query = new URLSearchParams({
      problem: outcome.problem,
      ...(path === "/" ? {} : { next: path }),
    });
    return seeOther(`/?${query}`);
  }
  const maxAgeSeconds = ABSOLUTE_MS / 1000;
  return seeOther(
    path,
    setCookie(sessionCookieName(secure), outcome.cookie, { secure, maxAgeSeconds }),
  );
}

/** Forgets the session in the browser. */
export function signedOutAnswer(secure: boolean): Response {
  return seeOther("/", setCookie(sessionCookieName(secure), "", { secure, maxAgeSeconds: 0 }));
}

function seeOther(location: string, cookie?: string): Response {
  const headers = new Headers({ location });
  if (cookie !== undefined) headers.set("set-cookie", cookie);
  return new Response(null, { status: 303, headers });
}
